import { readFile } from 'node:fs/promises'
import type { Page } from '@playwright/test'
import { createCRC32 } from 'hash-wasm'
import { writeRandom } from '../files.ts'
import { type DiskFile, end, expect, lastSequence, openSite, partSize, start } from '../fixtures.ts'
import { newtonDriver } from './drivers/newton.ts'
import { expectArrived, slow, takenPuts, testOn } from './stage.ts'
import { contractSuite } from './suite.ts'

contractSuite(newtonDriver)

const test = testOn(newtonDriver)

type Tokens = {
  readonly parts: readonly { readonly part_number: number }[]
  readonly integrity_checksum?: string
}

async function numbersIn(body: Promise<Tokens>): Promise<readonly number[]> {
  return (await body).parts.map(({ part_number }) => part_number)
}

function bodyOf(page: Page, endpoint: RegExp): Promise<Tokens> {
  return page.waitForRequest(endpoint).then((request) => request.postDataJSON())
}

test("newton: parts in the server's checkpoint are neither sent nor listed again", async ({
  stage,
  makeFile,
}) => {
  const { page, demo, store } = stage
  slow(store, 0.7)
  const file = await makeFile('checkpointed.bin', 4 * partSize)
  const told = bodyOf(page, /checkpoint$/)
  const answered = page.waitForResponse(/checkpoint$/)
  await start(page, file)
  const checkpointed = await numbersIn(told)
  await answered
  expect(checkpointed).not.toEqual([])
  await openSite(page, demo, 'newton')
  store.faults.clear()
  const since = lastSequence(store)
  const completing = bodyOf(page, /complete$/)
  await start(page, file)
  await expectArrived(newtonDriver, stage, await end(page), file)
  expect(takenPuts(store, since).map(({ partNumber }) => partNumber)).not.toEqual(
    expect.arrayContaining([...checkpointed]),
  )
  const listed = await numbersIn(completing)
  expect(listed.filter((number) => checkpointed.includes(number))).toEqual([])
})

test('newton: parts of two files of the same name and size are never mixed', async ({
  stage,
  makeFile,
  browser,
}) => {
  const { page, demo, store } = stage
  slow(store, 0.7)
  const first = await makeFile('same-name.bin', 4 * partSize)
  const checkpointed = page.waitForResponse(/checkpoint$/)
  await start(page, first)
  await checkpointed
  await page.close()

  store.faults.clear()
  const second: DiskFile = await writeRandom(first.path, first.size)
  const context = await browser.newContext()
  const other = await context.newPage()
  await openSite(other, demo, 'newton')
  await start(other, second)
  await expectArrived(newtonDriver, stage, await end(other), second)
  await context.close()
})

for (const firstPart of [0, 1] as const) {
  test(`newton: parts are numbered from ${firstPart} if the server does so`, async ({ stage, makeFile }) => {
    stage.demo.controls.newton.settings.change({ firstPart })
    const file = await makeFile(`from-${firstPart}.bin`, 2 * partSize + 1)
    const completing = bodyOf(stage.page, /complete$/)
    await start(stage.page, file)
    await expectArrived(newtonDriver, stage, await end(stage.page), file)
    expect(await numbersIn(completing)).toEqual([firstPart, firstPart + 1, firstPart + 2])
  })
}

for (const integrity of ['crc32c', 'none'] as const) {
  test(`newton: the completion has the whole file's checksum that the server asks for (${integrity})`, async ({
    stage,
    makeFile,
  }) => {
    stage.demo.controls.newton.settings.change({ integrity })
    const file = await makeFile('integrity.bin', 2 * partSize + 1)
    const completing = bodyOf(stage.page, /complete$/)
    await start(stage.page, file)
    await expectArrived(newtonDriver, stage, await end(stage.page), file)
    const { integrity_checksum } = await completing
    expect(integrity_checksum).toBe(integrity === 'crc32c' ? await crc32c(file) : undefined)
  })
}

async function crc32c({ path }: DiskFile): Promise<string> {
  const digest = (await createCRC32(0x82f63b78)).update(await readFile(path)).digest()
  return Buffer.from(digest, 'hex').toString('base64')
}
