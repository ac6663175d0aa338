/** `@tus/server` with `@tus/file-store`, as in their READMEs: `node bench/peers/tus-server.ts DIR`. */
import { createHash } from 'node:crypto'
import { createReadStream, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { FileStore } from '@tus/file-store'
import { Server } from '@tus/server'
import { runService } from './watched-server.ts'

const directory = process.argv[2] ?? ''
mkdirSync(directory)
const store = new FileStore({ directory })
const tus = new Server({ path: '/files', datastore: store })

await runService({
  serve: (message, response) => tus.handle(message, response),
  digest: async (key) => {
    const hash = createHash('sha256')
    await pipeline(createReadStream(join(directory, key)), hash)
    return hash.digest('hex')
  },
  remove: (key) => store.remove(key),
})
