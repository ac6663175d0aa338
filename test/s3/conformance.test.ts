/** Runs against the S3 that the environment names: `npm run e2e:s3` and `npm run e2e:ceph`. */
import { placeOf, readDifferences } from '../../e2e/s3/place.ts'
import { describeS3Conformance } from '../contracts/s3-conformance.ts'

describeS3Conformance('S3', () => ({
  ...placeOf(process.env),
  differences: readDifferences(process.env['S3_DIFFERENCES']),
}))
