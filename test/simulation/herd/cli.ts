/**
 * `npm run simulate:herd`. Options: `-- --clients 1000` for fewer clients, `-- --kind offline` for one outage, `--
 * --json`.
 */
import { parseArgs } from 'node:util'
import { type HerdReport, simulateHerd } from './herd.ts'
import type { OutageKind } from './servers.ts'

const kinds: readonly OutageKind[] = ['refused', 'offline', 'announced', 'crowded']
const { values } = parseArgs({
  options: {
    clients: { type: 'string', default: '10000' },
    kind: { type: 'string' },
    length: { type: 'string', default: '40' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
})
const reports: HerdReport[] = []
for (const kind of kinds.filter((one) => values.kind === undefined || values.kind === one)) {
  const started = performance.now()
  const report = await simulateHerd({
    clients: Number(values.clients),
    kind,
    length: Number(values.length) * 1000,
    seed: Number(values.seed),
  })
  reports.push(report)
  console.error(`${kind}: ${((performance.now() - started) / 1000).toFixed(0)} s`)
  if (!values.json) console.log(report)
}
if (values.json) console.log(JSON.stringify(reports))
