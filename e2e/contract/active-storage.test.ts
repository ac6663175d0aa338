import { end, expect, openSite, partSize, start } from '../fixtures.ts'
import { activeStorageControl, activeStorageDriver } from './drivers/active-storage.ts'
import { expectArrived, takenPuts, testOn } from './stage.ts'
import { contractSuite } from './suite.ts'

contractSuite(activeStorageDriver)

const test = testOn(activeStorageDriver)

test('active-storage: the result has the signed id, and the PUT has the MD5 and file name of the record', async ({
  stage,
  makeFile,
}) => {
  const file = await makeFile('signed.bin', partSize)
  await start(stage.page, file)
  const ended = await end(stage.page)
  await expectArrived(activeStorageDriver, stage, ended, file)
  expect(ended.result?.details).toMatchObject({ signed_id: expect.stringMatching(/--/), byte_size: partSize })
  const [put] = takenPuts(stage.store)
  expect(ended.result?.details).toMatchObject({ checksum: put?.headers['content-md5'] })
  expect(put?.headers['content-disposition']).toContain('signed.bin')
})

test("active-storage: Rails' own endpoint gets a cookie and the page's CSRF token", async ({
  stage,
  makeFile,
}) => {
  await openSite(stage.page, stage.demo, 'rails')
  const file = await makeFile('rails.bin', 1_000)
  const asked = stage.page.waitForRequest(/direct_uploads/)
  await start(stage.page, file)
  const headers = await (await asked).allHeaders()
  const [token] = await stage.page.evaluate(() => harness.secrets())
  expect(headers).toMatchObject({ 'x-csrf-token': token, 'x-requested-with': 'XMLHttpRequest' })
  await expectArrived(activeStorageDriver, stage, await end(stage.page), file)
  for (const put of takenPuts(stage.store)) expect(Object.keys(put.headers)).not.toContain('cookie')
})

test('active-storage: if the record lacks direct_upload, the error names the field', async ({
  stage,
  makeFile,
}) => {
  const endpoint = 'POST /api/v1/upload/direct'
  await activeStorageControl.send(stage.demo, 'POST /faults', {
    endpoint,
    effect: { kind: 'no-direct-upload' },
  })
  await start(stage.page, await makeFile('nowhere.bin', 1))
  const { error } = await end(stage.page)
  expect(error).toMatchObject({ name: 'BackendError', message: expect.stringContaining('direct_upload') })
})
