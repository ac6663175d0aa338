/** Where the demo's objects go: the store that comes along, or the S3 that the environment names. */
import { mkdtemp, rm } from 'node:fs/promises'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { S3Client } from '@aws-sdk/client-s3'
import { type ObjectStore, startObjectStore } from './store/object-store.ts'

export type Storage = {
  /** `undefined` where the environment names another S3. */
  readonly store: ObjectStore | undefined
  readonly s3: S3Client
  readonly bucket: string
  close(): Promise<void>
}

export type StorageOptions = {
  readonly environment: NodeJS.ProcessEnv
  readonly host: string
  readonly port: number
  /** Where the store keeps its data; `undefined`: a temporary folder, removed at the end. */
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
  /** `https://host/bucket/key`; else `https://bucket.host/key`. */
  readonly pathStyle: boolean
}

type ClientOptions = Omit<ForeignS3, 'bucket'>

export type S3Credentials = {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

const defaultBucket = 'uploads'

/** What fails is answered to whoever asked for it; the SDK would print some of it besides. */
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

export function openStorage(options: StorageOptions): Promise<Storage> {
  const foreign = foreignS3(options.environment)
  return foreign === undefined ? embeddedStorage(options) : Promise.resolve(foreignStorage(foreign))
}

/** @returns `undefined` where the environment names none. */
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

/** No checksums but those that S3 requires: a presigned URL would otherwise ask the page for one. */
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

/** Left out, the SDK looks where it always looks: profiles, container and instance roles. */
function credentialsOf(environment: NodeJS.ProcessEnv): S3Credentials | undefined {
  const accessKeyId = environment['AWS_ACCESS_KEY_ID']
  const secretAccessKey = environment['AWS_SECRET_ACCESS_KEY']
  const sessionToken = environment['AWS_SESSION_TOKEN']
  if (!accessKeyId || !secretAccessKey) return undefined
  return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) }
}

/** A server that listens everywhere is signed for under an address that another machine can call. */
export function reachable(host: string): string {
  if (host !== '0.0.0.0' && host !== '::') return host.includes(':') ? `[${host}]` : host
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
  return addresses.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1'
}
