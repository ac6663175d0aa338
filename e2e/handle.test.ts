/** A dropped file keeps its handle: after a restart, one click resumes its upload, and nothing has to be picked again. */
import {
  count,
  end,
  expect,
  expectStored,
  look,
  mebibyte,
  openSite,
  partsStored,
  slow,
  test,
  untilStored,
} from './fixtures.ts'
import { drop, launch, profileThatAllows, removeProfile } from './handles.ts'

test('after a restart of the browser, the upload of a dropped file goes on with one click', async ({
  demo,
  store,
  makeFile,
}) => {
  slow(store)
  const file = await makeFile('file.bin', 30 * mebibyte)
  const profile = await profileThatAllows(demo.url)
  try {
    const first = await launch(profile)
    await openSite(first.page, demo)
    await drop(first.page, file)
    await first.page.waitForFunction(() => harness.running() === 1)
    await untilStored(first.page, 2)
    const { stored } = await look(first.page)
    await first.context.close()

    store.faults.clear()
    const second = await launch(profile)
    await openSite(second.page, demo)
    expect(await second.page.evaluate(() => harness.interrupted())).toMatchObject([{ needsFile: false }])
    await second.page.locator('#go-on').click()
    await expectStored(demo, await end(second.page), file)
    const parts = partsStored(store)
    for (const number of stored) expect(parts.filter((part) => part === number)).toHaveLength(1)
    expect(count(store, 'CreateMultipartUpload')).toBe(1)
    await second.context.close()
  } finally {
    await removeProfile(profile)
  }
})
