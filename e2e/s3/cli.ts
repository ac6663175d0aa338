/**
 * The S3 suites against any store that speaks S3, in a bucket of their own:
 *
 *     S3_ENDPOINT=https://… AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… npm run e2e:s3
 *
 * S3_BUCKET names an existing, empty bucket. S3_REGION, S3_PATH_STYLE=false and AWS_SESSION_TOKEN give what else a client
 * has to know. S3_DIFFERENCES lists where the store is known to differ from S3.
 */
import { openBucket } from './bucket.ts'
import { interruption } from './interruption.ts'
import { placeOf, readDifferences } from './place.ts'
import { runSuite } from './run-suite.ts'

const signal = interruption()
try {
  const { S3_BUCKET, S3_DIFFERENCES = '' } = process.env
  readDifferences(S3_DIFFERENCES)
  const place = placeOf(process.env)
  const bucket = await openBucket(place, S3_BUCKET)
  try {
    const { passed, failed } = await runSuite({
      name: 's3',
      place: { ...place, bucket: bucket.name },
      differences: S3_DIFFERENCES,
      signal,
    })
    console.log(`${passed} passed, ${failed} failed`)
    process.exitCode = failed > 0 || signal.aborted ? 1 : 0
  } finally {
    await bucket.close()
  }
} catch (error) {
  console.error(`e2e:s3: ${error instanceof Error ? error.message : error}`)
  process.exitCode = 1
}
// Nothing that an interruption has left unfinished may keep the process alive.
process.exit()
