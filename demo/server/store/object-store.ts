/** An object store that speaks S3 strictly, and misbehaves on order: for the demo, the tests and the benchmark. */
import { Faults } from './faults/faults.ts'
import { Intake } from './intake/intake.ts'
import { RequestLog } from './request-log.ts'
import { S3Server } from './s3-server.ts'
import { type Credentials, type ObjectStoreOptions, type Settings, settingsOf } from './settings.ts'
import { SignatureVerifier } from './signature/signature-verifier.ts'
import { Objects } from './storage/objects.ts'
import { StoreDirectory } from './storage/store-directory.ts'
import { sweep } from './storage/sweep.ts'
import { Uploads } from './storage/uploads.ts'
import type { StoreContext } from './store-context.ts'

export type { FaultEffect, FaultKind, FaultRule } from './faults/fault-rule.ts'
export type { Faults } from './faults/faults.ts'
export type { Operation, RequestKind } from './protocol/operation.ts'
export type { Arrival, LogEntry, RequestLog } from './request-log.ts'
export type { Credentials, ObjectStoreOptions } from './settings.ts'

export type ObjectStore = {
  /** As in http://127.0.0.1:9000 */
  readonly endpoint: string
  readonly port: number
  readonly region: string
  readonly credentials: Credentials
  readonly faults: Faults
  readonly log: RequestLog
  /** Ends every connection, whatever it carries. New ones are accepted. What is not stored yet is lost. */
  cut(): void
  /** Cuts what is under way. Resolves when nothing of the store is running any more. */
  close(): Promise<void>
}

export async function startObjectStore(options: ObjectStoreOptions): Promise<ObjectStore> {
  const settings = settingsOf(options)
  const store = openStore(settings)
  const server = new S3Server(store)
  const port = await server.listen(settings.port, settings.host)
  return {
    endpoint: `http://${settings.host}:${port}`,
    port,
    region: settings.region,
    credentials: settings.credentials,
    faults: store.faults,
    log: store.log,
    cut: () => server.cut(),
    close: async () => {
      await server.close()
      await store.intake.close()
      await store.directory.settled()
    },
  }
}

function openStore(settings: Settings): StoreContext {
  const directory = new StoreDirectory(settings.directory)
  directory.prepare()
  const objects = new Objects(directory)
  objects.recover()
  const uploads = new Uploads(directory, objects)
  uploads.recover()
  sweep(directory, objects, uploads)
  for (const bucket of settings.buckets) if (!objects.hasBucket(bucket)) objects.createBucket(bucket)
  return {
    settings,
    directory,
    objects,
    uploads,
    intake: new Intake(settings, directory),
    signatures: new SignatureVerifier(settings),
    faults: new Faults(),
    log: new RequestLog(),
  }
}
