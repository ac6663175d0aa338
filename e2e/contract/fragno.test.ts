import { end, expect, mebibyte, openSite, partSize, start } from '../fixtures.ts'
import { fragnoDriver } from './drivers/fragno.ts'
import { disturb, expectArrived, slow, takenPuts, testOn } from './stage.ts'
import { contractSuite } from './suite.ts'

contractSuite(fragnoDriver)

const test = testOn(fragnoDriver)

for (const strategy of ['direct-single', 'proxy'] as const) {
  test(`fragno: files are sent by ${strategy} if the server says so`, async ({ stage, makeFile }) => {
    stage.demo.controls.fragno.settings.change({ strategy })
    const files = await Promise.all(
      [0, 1, 2 * partSize + 1].map((size) => makeFile(`${strategy} ${size}`, size)),
    )
    await start(stage.page, ...files)
    for (const [index, file] of files.entries())
      await expectArrived(fragnoDriver, stage, await end(stage.page, index), file)
    expect(takenPuts(stage.store).map(({ operation }) => operation)).toEqual(Array(3).fill('PutObject'))
  })

  test(`fragno: an upload by ${strategy} survives failing connections and URLs`, async ({
    stage,
    makeFile,
  }) => {
    stage.demo.controls.fragno.settings.change({ strategy })
    // Once each, because each failure ends the session: its only URL expires, or the storage fails behind the proxy.
    if (strategy === 'direct-single') disturb(stage.store, 1, { kind: 'expired' })
    disturb(stage.store, 1, { kind: 'cut', afterBytes: mebibyte })
    const file = await makeFile(`${strategy}.bin`, partSize)
    await start(stage.page, file)
    await expectArrived(fragnoDriver, stage, await end(stage.page), file)
  })
}

test('fragno: a second browser does not send the parts that the first has recorded', async ({
  stage,
  makeFile,
  browser,
}) => {
  const { page, demo, store } = stage
  slow(store, 0.7)
  const file = await makeFile('recorded.bin', 4 * partSize)
  const recorded = page.waitForResponse(/parts\/complete\?/)
  await start(page, file)
  const sent = (await recorded).request().postDataJSON()
  const numbers: readonly number[] = sent.parts.map(
    (part: { readonly partNumber: number }) => part.partNumber,
  )
  expect(numbers).not.toEqual([])
  await page.close()

  store.faults.clear()
  const context = await browser.newContext()
  const other = await context.newPage()
  await openSite(other, demo, 'fragno')
  const since = store.log.entries().at(-1)?.sequence
  await start(other, file)
  await expectArrived(fragnoDriver, stage, await end(other), file)
  const again = takenPuts(store, since).map(({ partNumber }) => partNumber ?? 0)
  expect(again.filter((number) => numbers.includes(number))).toEqual([])
  await context.close()
})
