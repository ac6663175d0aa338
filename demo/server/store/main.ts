/**
 * The store in a process of its own:
 * `node demo/server/store/main.ts --directory DIR --port N --bucket uploads [--discard] [--no-part-digests]`
 */
import { parseArgs } from 'node:util'
import { startObjectStore } from './object-store.ts'

const { values } = parseArgs({
  options: {
    directory: { type: 'string' },
    port: { type: 'string', default: '0' },
    host: { type: 'string', default: '127.0.0.1' },
    bucket: { type: 'string', multiple: true, default: [] },
    discard: { type: 'boolean', default: false },
    'no-part-digests': { type: 'boolean', default: false },
  },
})
if (values.directory === undefined)
  throw new TypeError('--directory: expected where to keep the objects, got nothing')

const store = await startObjectStore({
  directory: values.directory,
  port: Number(values.port),
  host: values.host,
  buckets: values.bucket,
  discard: values.discard,
  digestParts: !values['no-part-digests'],
})

const close = (): void => void store.close()
process.once('SIGINT', close)
process.once('SIGTERM', close)
// Only now, because whoever reads this line may send a signal at once.
console.log(JSON.stringify({ endpoint: store.endpoint, region: store.region }))
