import type { Answer, Exchange } from './exchange.ts'
import type { Faults } from './faults/faults.ts'
import type { Intake } from './intake/intake.ts'
import type { RequestLog } from './request-log.ts'
import type { Settings } from './settings.ts'
import type { SignatureVerifier } from './signature/signature-verifier.ts'
import type { Objects } from './storage/objects.ts'
import type { StoreDirectory } from './storage/store-directory.ts'
import type { Uploads } from './storage/uploads.ts'

/** What the operations share. */
export type StoreContext = {
  readonly settings: Settings
  readonly directory: StoreDirectory
  readonly objects: Objects
  readonly uploads: Uploads
  readonly intake: Intake
  readonly signatures: SignatureVerifier
  readonly faults: Faults
  readonly log: RequestLog
}

/** One operation of S3. Throws an S3Error if the answer is an error. */
export type Handler = (store: StoreContext, exchange: Exchange) => Answer | Promise<Answer>
