/** The environment variables that readers of the documents' servers are told to set, for an embedded store. */
import type { ObjectStore } from '../../demo/server/store/object-store.ts'

/** @param token The token by which the page identifies itself. */
export function sampleEnvironment(
  bucket: string,
  { endpoint, region, credentials }: Pick<ObjectStore, 'endpoint' | 'region' | 'credentials'>,
  token: string,
): Readonly<Record<string, string>> {
  return {
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    S3_BUCKET: bucket,
    UPLOAD_TOKEN: token,
  }
}
