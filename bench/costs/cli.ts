/**
 * What a part and a file cost the page and the server. `npm run costs` measures it in Chromium, and writes
 * `docs/costs.md` from that and from the output of these:
 *
 *   npm run --silent soak -- --size 100GiB --json > bench/costs/results/soak.json
 *   npm run --silent simulate:herd -- --json > bench/costs/results/herd.json
 *
 * With `-- --page` it only writes the page.
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { cleanUpAtExit, temporaryFolder } from '../cleanup.ts'
import { describeMachine } from '../machine.ts'
import { type Costs, medians, ofFile, ofPart } from './costs.ts'
import { type CostsReport, costsPage } from './costs-page.ts'
import { measure, type Shape } from './measure.ts'
import { costsPath, resultPath, saved } from './saved.ts'

const rounds = 3
const partSize = 5 * 1024 ** 2
const many = 201
const files = 200

const { values } = parseArgs({ options: { page: { type: 'boolean', default: false } } })
if (!values.page) {
  cleanUpAtExit()
  writeFileSync(resultPath('costs'), `${JSON.stringify(await measureAll(), undefined, 2)}\n`)
}
writeFileSync(costsPath, costsPage(saved()))
process.exit()

async function measureAll(): Promise<CostsReport> {
  const folder = temporaryFolder()
  let browser = ''
  const cost = async (shape: Shape): Promise<Costs> => {
    const all: Costs[] = []
    for (let round = 1; round <= rounds; round++) {
      const { browser: version, ...costs } = await measure(folder, shape)
      browser = version
      all.push(costs)
      console.error(
        `${shape.files} × ${shape.parts} parts, round ${round}: ${costs.mainThread.toFixed(0)} ms`,
      )
    }
    return medians(all)
  }
  const plain = { files: 1, partSize }
  const checked = { ...plain, checksum: 'crc32c' } as const
  const part = ofPart(await cost({ ...plain, parts: 1 }), await cost({ ...plain, parts: many }), many - 1)
  const partWithChecksum = ofPart(
    await cost({ ...checked, parts: 1 }),
    await cost({ ...checked, parts: many }),
    many - 1,
  )
  const small = await cost({ files, parts: 1, partSize: 100 * 1024 })
  return {
    date: new Date().toISOString(),
    machine: describeMachine(browser),
    partSize,
    part,
    partWithChecksum,
    file: ofFile(small, files, part),
  }
}
