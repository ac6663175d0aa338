/** Which S3 operation a request is: by its method, by whether it names a key, and by its sub-resource. */
export const operations = [
  'AbortMultipartUpload',
  'CompleteMultipartUpload',
  'CreateBucket',
  'CreateMultipartUpload',
  'DeleteObject',
  'GetObject',
  'HeadBucket',
  'HeadObject',
  'ListMultipartUploads',
  'ListObjectsV2',
  'ListParts',
  'PutObject',
  'UploadPart',
] as const

export type Operation = (typeof operations)[number]

/** Everything else that reaches a store: CORS preflights, and operations that this store does not have. */
export type RequestKind = Operation | 'Preflight' | 'Unknown'

export const requestKinds: readonly RequestKind[] = [...operations, 'Preflight', 'Unknown']

type Route = {
  readonly method: string
  readonly names: 'bucket' | 'object'
  /** The query parameter that tells it apart. */
  readonly parameter?: string
  readonly operation: Operation
}

/** The first one that fits counts. */
const routes: readonly Route[] = [
  { method: 'GET', names: 'bucket', parameter: 'uploads', operation: 'ListMultipartUploads' },
  { method: 'GET', names: 'bucket', parameter: 'list-type', operation: 'ListObjectsV2' },
  { method: 'PUT', names: 'bucket', operation: 'CreateBucket' },
  { method: 'HEAD', names: 'bucket', operation: 'HeadBucket' },
  { method: 'GET', names: 'object', parameter: 'uploadId', operation: 'ListParts' },
  { method: 'GET', names: 'object', operation: 'GetObject' },
  { method: 'HEAD', names: 'object', operation: 'HeadObject' },
  { method: 'PUT', names: 'object', parameter: 'uploadId', operation: 'UploadPart' },
  { method: 'PUT', names: 'object', parameter: 'partNumber', operation: 'UploadPart' },
  { method: 'PUT', names: 'object', operation: 'PutObject' },
  { method: 'POST', names: 'object', parameter: 'uploads', operation: 'CreateMultipartUpload' },
  { method: 'POST', names: 'object', parameter: 'uploadId', operation: 'CompleteMultipartUpload' },
  { method: 'DELETE', names: 'object', parameter: 'uploadId', operation: 'AbortMultipartUpload' },
  { method: 'DELETE', names: 'object', operation: 'DeleteObject' },
]

/** Sub-resources of S3 that would turn one of our operations into one that we do not have. */
const otherSubresources: readonly string[] = [
  'accelerate',
  'acl',
  'analytics',
  'attributes',
  'cors',
  'delete',
  'encryption',
  'intelligent-tiering',
  'inventory',
  'legal-hold',
  'lifecycle',
  'location',
  'logging',
  'metrics',
  'notification',
  'object-lock',
  'ownershipControls',
  'policy',
  'policyStatus',
  'publicAccessBlock',
  'replication',
  'requestPayment',
  'restore',
  'retention',
  'select',
  'tagging',
  'torrent',
  'versionId',
  'versioning',
  'versions',
  'website',
]

/** @returns `undefined` if S3 may have such an operation but this store does not. */
export function operationOf(
  method: string,
  key: string,
  query: ReadonlyMap<string, string>,
): Operation | undefined {
  if (otherSubresources.some((name) => query.has(name))) return undefined
  const names = key === '' ? 'bucket' : 'object'
  const route = routes.find(
    (one) =>
      one.method === method &&
      one.names === names &&
      (one.parameter === undefined || query.has(one.parameter)),
  )
  return route?.operation
}
