/**
 * One very large upload in a real Chromium that is killed twice on the way. Measures what the upload costs the page at
 * its end and at its beginning, and whether the store has each part once.
 *
 *   npm run soak                       20 GiB
 *   npm run soak -- --size 100GiB      10,000 parts
 *   npm run --silent soak -- --json    one JSON object on standard output
 *
 * Exits with 1 if a bar does not hold.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { bundleScript } from '../bundle.ts'
import { startScript } from '../child.ts'
import { cleanUpAtExit, temporaryFolder } from '../cleanup.ts'
import { describeMachine } from '../machine.ts'
import { parseSize } from '../size.ts'
import { inWords } from './in-words.ts'
import { soak } from './soak.ts'
import { makeSparseFile } from './sparse.ts'

const mebibyte = 1024 ** 2
const mostParts = 10_000

const { values } = parseArgs({
  options: {
    size: { type: 'string', default: '20GiB' },
    'part-size': { type: 'string' },
    kills: { type: 'string', default: '0.05,0.95' },
    json: { type: 'boolean', default: false },
  },
})
const size = readSize('size', values.size)
// S3 takes at most 10,000 parts, of at least 5 MiB. The sink takes smaller ones too.
const least = Math.ceil(size / mostParts)
const usual = Math.max(5 * mebibyte, least)
const partSize = values['part-size'] === undefined ? usual : readSize('part-size', values['part-size'])
if (partSize < least) refuse('part-size', `${least} or more for this file`, String(partSize))
const kills = values.kills === '' ? [] : values.kills.split(',').map(Number)
if (!kills.every((share, index) => share > (kills[index - 1] ?? 0) && share < 1))
  refuse('kills', 'ascending shares between 0 and 1', values.kills)

cleanUpAtExit()
const folder = temporaryFolder()
const page = join(folder, 'page')
mkdirSync(page)
await bundleScript(page, 'soak/page.ts')
const file = join(folder, 'sparse.bin')
await makeSparseFile(file, size, partSize)
const script = fileURLToPath(new URL('sink.ts', import.meta.url))
const { said } = await startScript(script, [JSON.stringify({ page, partSize })])
const { url } = said as { readonly url: string }
const say = (line: string): void => console.error(line)
const report = await soak({ folder, url, file, size, partSize, kills, say })
const machine = describeMachine(report.browser)
const isGood = report.bars.every(({ holds }) => holds)
if (values.json)
  console.log(JSON.stringify({ date: new Date().toISOString(), machine, ...report, ok: isGood }))
else console.log(inWords(report))
process.exit(isGood ? 0 : 1)

function readSize(name: string, text: string): number {
  return parseSize(text) ?? refuse(name, 'a size such as 20GiB', text)
}

function refuse(name: string, what: string, received: string): never {
  console.error(`Expected --${name} to be ${what}, got "${received}"`)
  process.exit(2)
}
