/** The page whose costs are counted: it uploads the picked files, and counts what is written into IndexedDB. */
import { presigned, Uploader, type UploaderOptions } from '../../src/index.ts'

export type Writes = {
  /** Transactions that may write. */
  readonly transactions: number
  /** Records that were put, and their bytes as JSON. */
  readonly puts: number
  readonly bytes: number
}

let [transactions, puts, bytes] = [0, 0, 0]
const { transaction } = IDBDatabase.prototype
IDBDatabase.prototype.transaction = function (...parameters) {
  if (parameters[1] === 'readwrite') transactions += 1
  return transaction.apply(this, parameters)
}
const { put } = IDBObjectStore.prototype
IDBObjectStore.prototype.put = function (...parameters) {
  puts += 1
  bytes += JSON.stringify(parameters[0]).length
  return put.apply(this, parameters)
}

async function upload(options: Pick<UploaderOptions, 'checksum'>): Promise<Writes> {
  const backend = presigned({ baseUrl: '/api', fileHash: async () => 'none' })
  const uploader = new Uploader({ backend, ...options })
  const shown = document.body.appendChild(document.createElement('p'))
  uploader.on('progress', ({ confirmed, total }) => {
    shown.textContent = `${confirmed} of ${total}`
  })
  const uploads = await uploader.uploadFiles([...(document.querySelector('input')?.files ?? [])])
  await Promise.all(uploads)
  return { transactions, puts, bytes }
}

Object.assign(globalThis, { costs: { upload } })
