import { expect, test } from 'vitest'
import { filesOf } from '../src/sources.ts'

/** A drop as in Safari, whose reader returns all entries of a folder in one list. */
function dropOf(entry: unknown): DataTransfer {
  const item = { kind: 'file', getAsFile: () => null, webkitGetAsEntry: () => entry }
  return { items: [item] } as unknown as DataTransfer
}

test('a dropped folder may hold more files than a call can have arguments', async () => {
  const file = new File([], 'a')
  const inner = {
    isFile: true,
    isDirectory: false,
    name: 'a',
    file: (give: (file: File) => void) => give(file),
  }
  const lists = [Array.from({ length: 300_000 }, () => inner), []]
  const readEntries = (give: (entries: unknown) => void): void => give(lists.shift())
  const folder = { isFile: false, isDirectory: true, name: 'data', createReader: () => ({ readEntries }) }
  let count = 0
  for await (const { relativePath } of filesOf(dropOf(folder))) {
    if (count === 0) expect(relativePath).toBe('data/a')
    count += 1
  }
  expect(count).toBe(300_000)
})
