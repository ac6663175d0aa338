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

type ClientOptions = {
  readonly endpoint: string
  readonly region: string
  readonly credentials: S3Credentials | undefined
}

type S3Credentials = {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

const defaultBucket = 'uploads'

/** What fails is answered to whoever asked for it; the SDK would print some of it besides. */
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

export function openStorage(options: StorageOptions): Promise<Storage> {
  const { S3_ENDPOINT } = options.environment
  return S3_ENDPOINT
    ? Promise.resolve(foreignStorage(S3_ENDPOINT, options.environment))
    : embeddedStorage(options)
}

function foreignStorage(endpoint: string, environment: NodeJS.ProcessEnv): Storage {
  const region = environment['S3_REGION'] ?? environment['AWS_REGION'] ?? 'us-east-1'
  const s3 = client({ endpoint, region, credentials: credentialsOf(environment) })
  const close = async (): Promise<void> => s3.destroy()
  return { store: undefined, s3, bucket: environment['S3_BUCKET'] ?? defaultBucket, close }
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
    const s3 = client({ endpoint, region: store.region, credentials: store.credentials })
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
function client({ endpoint, region, credentials }: ClientOptions): S3Client {
  return new S3Client({
    endpoint,
    region,
    ...(credentials === undefined ? {} : { credentials }),
    forcePathStyle: true,
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
