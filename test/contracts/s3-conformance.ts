/** The behaviour of S3 that longhaul relies on, for the embedded store and for real ones. */
import { describeBodies } from './s3/s3-bodies.ts'
import { describeUploadChecksums } from './s3/s3-checksums.ts'
import { describeCors } from './s3/s3-cors.ts'
import { describeObjects } from './s3/s3-objects.ts'
import { describeSignatures } from './s3/s3-signatures.ts'
import { S3Suite, type S3UnderTest } from './s3/s3-suite.ts'
import { describeUploads } from './s3/s3-uploads.ts'

export { differencesTable, knownStores, type S3Difference, s3Differences } from './s3/s3-differences.ts'
export type { S3UnderTest } from './s3/s3-suite.ts'

/** @param storage Called in the tests, once the storage has been started. */
export function describeS3Conformance(name: string, storage: () => S3UnderTest): void {
  const suite = new S3Suite(name, storage)
  describeSignatures(suite)
  describeObjects(suite)
  describeBodies(suite)
  describeUploads(suite)
  describeUploadChecksums(suite)
  describeCors(suite)
  suite.describeDifferences()
}
