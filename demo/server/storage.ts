/** Where the demo's objects go: into the demo's own store, or into the S3 that the environment names. */
import { mkdtemp, rm } from 'node:fs/promises'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { S3Client } from '@aws-sdk/client-s3'
import { type ObjectStore, startObjectStore } from './store/object-store.ts'

export type Storage = {
  /** `undefined` if the environment names another S3. */
  readonly store: ObjectStore | undefined
  readonly s3: S3Client
  readonly bucket: string
  close(): Promise<void>
}

export type StorageOptions = {
  readonly environment: NodeJS.ProcessEnv
  readonly host: string
  readonly port: number
  /** Where the store keeps its data; `undefined` for a temporary folder that is removed at the end. */
  readonly directory: string | undefined
  /** Whether a page can read the store's errors. @default true */
  readonly corsOnErrors?: boolean
}

/** An S3 that the environment names. */
export type ForeignS3 = {
  readonly endpoint: string
  readonly region: string
  readonly bucket: string
  readonly credentials: S3Credentials | undefined
  /** `https://host/bucket/key` instead of `https://bucket.host/key`. */
  readonly pathStyle: boolean
}

type ClientOptions = Omit<ForeignS3, 'bucket'>

export type S3Credentials = {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

const defaultBucket = 'uploads'

/** A failure is answered to whoever asked. Otherwise the SDK would print some of them too. */
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

export function openStorage(options: StorageOptions): Promise<Storage> {
  const foreign = foreignS3(options.environment)
  return foreign === undefined ? embeddedStorage(options) : Promise.resolve(foreignStorage(foreign))
}

/** @returns `undefined` if the environment names none. */
export function foreignS3(environment: NodeJS.ProcessEnv): ForeignS3 | undefined {
  const { S3_ENDPOINT: endpoint, S3_PATH_STYLE = 'true' } = environment
  if (!endpoint) return undefined
  if (S3_PATH_STYLE !== 'true' && S3_PATH_STYLE !== 'false')
    throw new Error(`expected S3_PATH_STYLE to be true or false, got "${S3_PATH_STYLE}"`)
  return {
    endpoint,
    region: environment['S3_REGION'] ?? environment['AWS_REGION'] ?? 'us-east-1',
    bucket: environment['S3_BUCKET'] ?? defaultBucket,
    credentials: credentialsOf(environment),
    pathStyle: S3_PATH_STYLE === 'true',
  }
}

function foreignStorage({ bucket, ...foreign }: ForeignS3): Storage {
  const s3 = s3Client(foreign)
  return { store: undefined, s3, bucket, close: async () => s3.destroy() }
}

async function embeddedStorage({
  directory,
  host,
  port,
  corsOnErrors = true,
}: StorageOptions): Promise<Storage> {
  const temporary = directory === undefined ? await mkdtemp(join(tmpdir(), 'longhaul-store-')) : undefined
  const cleanUp = async (): Promise<void> => {
    if (temporary !== undefined) await rm(temporary, { recursive: true, force: true })
  }
  try {
    const store = await startObjectStore({
      directory: directory ?? temporary ?? '',
      host,
      port,
      corsOnErrors,
      buckets: [defaultBucket],
    })
    const endpoint = `http://${reachable(host)}:${store.port}`
    const { region, credentials } = store
    const s3 = s3Client({ endpoint, region, credentials, pathStyle: true })
    const close = async (): Promise<void> => {
      s3.destroy()
      await store.close()
      await cleanUp()
    }
    return { store, s3, bucket: defaultBucket, close }
  } catch (error) {
    await cleanUp()
    throw error
  }
}

/** Only the checksums that S3 requires: otherwise a presigned URL would ask the page for one. */
export function s3Client({ endpoint, region, credentials, pathStyle }: ClientOptions): S3Client {
  return new S3Client({
    endpoint,
    region,
    ...(credentials === undefined ? {} : { credentials }),
    forcePathStyle: pathStyle,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    logger: silent,
  })
}

/** If left out, the SDK looks in its usual places: profiles, container and instance roles. */
function credentialsOf(environment: NodeJS.ProcessEnv): S3Credentials | undefined {
  const accessKeyId = environment['AWS_ACCESS_KEY_ID']
  const secretAccessKey = environment['AWS_SECRET_ACCESS_KEY']
  const sessionToken = environment['AWS_SESSION_TOKEN']
  if (!accessKeyId || !secretAccessKey) return undefined
  return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) }
}

/** If the server listens on all addresses, URLs are signed for one that another machine can call. */
export function reachable(host: string): string {
  if (host !== '0.0.0.0' && host !== '::') return host.includes(':') ? `[${host}]` : host
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
  return addresses.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1'
}
