import { vi } from 'vitest'
import { openStorage, type Storage } from '../../demo/server/storage.ts'
import { sampleEnvironment } from './sample-environment.ts'

/** An embedded store, and the environment through which the documents' servers use it, until `vi.unstubAllEnvs()`. */
export async function openSampleStorage(token: string): Promise<Storage> {
  const storage = await openStorage({ environment: {}, host: '127.0.0.1', port: 0, directory: undefined })
  if (storage.store === undefined) throw new Error('Expected the embedded store')
  const environment = sampleEnvironment(storage.bucket, storage.store, token)
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value)
  return storage
}
