/** The store's options and their defaults. */
export type Credentials = { readonly accessKeyId: string; readonly secretAccessKey: string }

export type ObjectStoreOptions = {
  /** Where everything is kept. Created if it does not exist. A store that is started on it again has all it had. */
  readonly directory: string
  /** 0 for any free one. Default: 0 */
  readonly port?: number
  /** Default: '127.0.0.1' */
  readonly host?: string
  /** Default: 'us-east-1' */
  readonly region?: string
  /** Default: 'demo' and 'demodemo' */
  readonly credentials?: Credentials
  /** Buckets that are created at the start if they do not exist. Default: none */
  readonly buckets?: readonly string[]
  /** The least bytes of every part but the last. Default: 5 MiB */
  readonly minimumPartSize?: number
  /** Answers 403 to a Content-Type that is sent but not signed, as Ceph RGW 20 does. Default: false */
  readonly strictHeaders?: boolean
  /** Origins that may read answers; '*' for all. Default: ['*'] */
  readonly allowedOrigins?: readonly string[]
  /** Whether errors carry CORS headers. Without them a page sees a network error. Default: true */
  readonly corsOnErrors?: boolean
  /** Headers of answers that a page may read. Default: ETag, x-amz-request-id and x-amz-checksum-* */
  readonly exposeHeaders?: readonly string[]
  /** Bodies are counted and digested, and then dropped. Objects cannot be read. Default: false */
  readonly discard?: boolean
  /**
   * Whether ETags are MD5s. Otherwise they are random, as for S3's SSE-KMS objects, which saves half of the store's
   * work. Default: true
   */
  readonly digestParts?: boolean
  /** Milliseconds since 1970. Default: Date.now */
  readonly now?: () => number
}

export type Settings = Required<ObjectStoreOptions>

const mebibyte = 1024 * 1024

export const checksumHeaders: readonly string[] = ['crc32', 'crc32c', 'crc64nvme', 'sha1', 'sha256'].map(
  (algorithm) => `x-amz-checksum-${algorithm}`,
)

export function settingsOf(options: ObjectStoreOptions): Settings {
  return {
    port: 0,
    host: '127.0.0.1',
    region: 'us-east-1',
    credentials: { accessKeyId: 'demo', secretAccessKey: 'demodemo' },
    buckets: [],
    minimumPartSize: 5 * mebibyte,
    strictHeaders: false,
    allowedOrigins: ['*'],
    corsOnErrors: true,
    exposeHeaders: ['ETag', 'x-amz-request-id', ...checksumHeaders, 'x-amz-checksum-type'],
    discard: false,
    digestParts: true,
    now: Date.now,
    ...options,
  }
}
