/** The S3 that the environment names, for the suites that run against any S3. */
import { foreignS3, type S3Credentials } from '../../demo/server/storage.ts'
import { knownStores, type S3Difference, s3Differences } from '../../test/contracts/s3-conformance.ts'

export type S3Place = {
  readonly endpoint: string
  readonly region: string
  readonly bucket: string
  readonly credentials: S3Credentials
  readonly pathStyle: boolean
}

/** Throws if a variable is missing or invalid. */
export function placeOf(environment: NodeJS.ProcessEnv): S3Place {
  const place = foreignS3(environment)
  if (place === undefined) throw new Error('expected S3_ENDPOINT to be the address of an S3 store')
  const { credentials } = place
  if (credentials === undefined)
    throw new Error('expected AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to be the keys of that store')
  return { ...place, credentials }
}

export function environmentOf(place: S3Place): NodeJS.ProcessEnv {
  const { sessionToken } = place.credentials
  return {
    S3_ENDPOINT: place.endpoint,
    S3_REGION: place.region,
    S3_BUCKET: place.bucket,
    S3_PATH_STYLE: String(place.pathStyle),
    AWS_ACCESS_KEY_ID: place.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: place.credentials.secretAccessKey,
    ...(sessionToken === undefined ? {} : { AWS_SESSION_TOKEN: sessionToken }),
  }
}

/** @param text S3_DIFFERENCES: names of known stores and of single differences, separated by commas. */
export function readDifferences(text = ''): readonly S3Difference[] {
  const names = text.split(',').filter((name) => name !== '')
  return [...new Set(names.flatMap(differencesOf))]
}

function differencesOf(name: string): readonly S3Difference[] {
  const stores: Readonly<Record<string, { readonly differences: readonly S3Difference[] }>> = knownStores
  const store = stores[name]
  if (store !== undefined) return store.differences
  if (name in s3Differences) return [name as S3Difference]
  const known = [...Object.keys(knownStores), ...Object.keys(s3Differences)].join(', ')
  throw new Error(`expected S3_DIFFERENCES to be names from ${known}; got "${name}"`)
}
