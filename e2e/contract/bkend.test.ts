import { end, expect, mebibyte, partSize, start } from '../fixtures.ts'
import { bkendControl, bkendDriver } from './drivers/bkend.ts'
import { expectArrived, takenPuts, testOn } from './stage.ts'
import { contractSuite } from './suite.ts'

contractSuite(bkendDriver)

const test = testOn(bkendDriver)

for (const [what, size, operations] of [
  ['one PUT of the announced type', mebibyte, ['PutObject']],
  ['parts', partSize + 1, ['UploadPart', 'UploadPart']],
] as const) {
  test(`bkend: a file is sent in ${what}, and registered with the application's metadata`, async ({
    stage,
    makeFile,
  }) => {
    const file = await makeFile('registered.txt', size)
    const registering = stage.page.waitForRequest(/\/v1\/files$/)
    await start(stage.page, file)
    const ended = await end(stage.page)
    await expectArrived(bkendDriver, stage, ended, file)
    expect((await registering).postDataJSON()).toEqual({
      s3Key: ended.result?.key,
      originalName: 'registered.txt',
      mimeType: 'text/plain',
      size,
      metadata: { category: 'media' },
    })
    expect(ended.result?.details).toMatchObject({ s3Key: ended.result?.key, size })
    const puts = takenPuts(stage.store)
    expect(puts.map(({ operation }) => operation)).toEqual(operations)
    const types = puts.map(({ headers }) => headers['content-type'])
    expect(new Set(types)).toEqual(new Set([operations[0] === 'PutObject' ? 'text/plain' : undefined]))
  })
}

test('bkend: if the answer to the registration is lost, the upload still succeeds', async ({
  stage,
  makeFile,
}) => {
  const rule = { endpoint: 'POST /v1/files', times: 2, effect: { kind: 'cut-answer' } }
  await bkendControl.send(stage.demo, 'POST /faults', rule)
  const file = await makeFile('once.bin', partSize + 1)
  await start(stage.page, file)
  const ended = await end(stage.page)
  await expectArrived(bkendDriver, stage, ended, file)
  expect(ended.result?.details).toMatchObject({ s3Key: ended.result?.key })
})

test('bkend: wrapped answers are read like bare ones', async ({ stage, makeFile }) => {
  await bkendControl.send(stage.demo, 'PATCH /settings', { answers: 'wrapped', errors: 'flat' })
  const file = await makeFile('wrapped.bin', partSize + 1)
  await start(stage.page, file)
  const ended = await end(stage.page)
  await bkendControl.send(stage.demo, 'PATCH /settings', { answers: 'bare', errors: 'nested' })
  await expectArrived(bkendDriver, stage, ended, file)
})
