/** The whole demo in one process: the page, its backends and, unless another S3 is named, the store. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { S3Client } from '@aws-sdk/client-s3'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { activeStorageBackend } from './backends/active-storage/active-storage.ts'
import { bkendBackend } from './backends/bkend/bkend.ts'
import { fragnoBackend } from './backends/fragno/fragno.ts'
import type { FragnoSettings } from './backends/fragno/settings.ts'
import { newtonBackend } from './backends/newton/newton.ts'
import type { NewtonSettings } from './backends/newton/settings.ts'
import { presignedBackend } from './backends/presigned.ts'
import type { Control } from './backends/reference/control.ts'
import { newtonDownloads } from './newton-downloads.ts'
import { page } from './page.ts'
import { openStorage, reachable, type Storage } from './storage.ts'
import type { ObjectStore } from './store/object-store.ts'
import { Trouble } from './trouble/trouble.ts'
import { troubleRoutes, unplugged } from './trouble/trouble-routes.ts'

export type DemoOptions = {
  /** @default 0, any free one */
  readonly port?: number
  /** @default 0, any free one */
  readonly storePort?: number
  /** @default 127.0.0.1 */
  readonly host?: string
  /** Where the store keeps its data. @default a temporary folder, removed by `close` */
  readonly directory?: string
  /** The folder of the built page. @default demo/dist */
  readonly page?: string
  /** The folder of the built library. @default dist */
  readonly library?: string
  /** Bytes. @default 8 MiB */
  readonly partSize?: number
  /** Seconds for which a signed URL is valid. @default 900 */
  readonly urlLifetime?: number
  /** Whether a page can read the store's errors. Real storages hide that of an expired URL. @default true */
  readonly corsOnErrors?: boolean
  /** Settings of the reference server for Fragno's contract. */
  readonly fragno?: Partial<FragnoSettings>
  /** Settings of the reference server for Newton's contract. */
  readonly newton?: Partial<NewtonSettings>
  /**
   * S3_ENDPOINT replaces the store by another S3. Then S3_BUCKET, S3_REGION, S3_PATH_STYLE and the usual AWS variables
   * count too.
   * @default process.env
   */
  readonly environment?: NodeJS.ProcessEnv
}

export type Demo = {
  /** The page's address. */
  readonly url: string
  /** `undefined` if the environment names another S3. */
  readonly store: ObjectStore | undefined
  readonly s3: S3Client
  readonly bucket: string
  /** Makes the reference servers misbehave. */
  readonly controls: Controls
  /** Ends everything: the servers, their connections, the store. */
  close(): Promise<void>
}

export type Controls = {
  readonly fragno: Control<FragnoSettings>
  readonly newton: Control<NewtonSettings>
}

type Application = { readonly app: Hono; readonly controls: Controls }

const localhost = '127.0.0.1'

/** Ten thousand parts with their checksums take a quarter of it. */
const longestJson = 4 * 1024 * 1024

const limited = bodyLimit({
  maxSize: longestJson,
  onError: (c) => c.json({ error: 'Expected a body of at most 4 MiB', code: 'EntityTooLarge' }, 413),
})

/** Only Fragno's server takes files, in a form or as they are. */
const takesFiles = /^\/fragno\/(files|uploads\/[^/]+\/content)$/

/** The paths of the application's servers. Everything else is the page. */
const served = ['/api', '/fragno', '/newton', '/newton-downloads']

/** Takes the page's port first: a second demo must not touch the data of the one that has it. */
export async function startDemo(options: DemoOptions = {}): Promise<Demo> {
  let open: (app: Hono) => void = () => {}
  const opening = new Promise<Hono>((resolve) => {
    open = resolve
  })
  const server = await listen(opening, options)
  try {
    const storage = await openStorage({
      environment: options.environment ?? process.env,
      host: options.host ?? localhost,
      port: options.storePort ?? 0,
      directory: options.directory,
      corsOnErrors: options.corsOnErrors ?? true,
    })
    const trouble = storage.store && new Trouble(storage.store)
    const { app, controls } = application(storage, trouble, options)
    open(app)
    return running(server, storage, { host: options.host ?? localhost, controls, trouble })
  } catch (error) {
    open(new Hono())
    await closeServer(server)
    throw error
  }
}

type Running = {
  readonly host: string
  readonly controls: Controls
  readonly trouble: Trouble | undefined
}

function running(server: Server, storage: Storage, { host, controls, trouble }: Running): Demo {
  const { store, s3, bucket } = storage
  const { port } = server.address() as AddressInfo
  const close = async (): Promise<void> => {
    trouble?.close()
    await closeServer(server)
    await storage.close()
  }
  return { url: `http://${reachable(host)}:${port}`, store, s3, bucket, controls, close }
}

function application(
  { s3, bucket }: Storage,
  trouble: Trouble | undefined,
  options: DemoOptions,
): Application {
  const { partSize, urlLifetime, fragno: fragnoSettings, newton: newtonSettings, ...folders } = options
  const fragno = fragnoBackend({ s3, bucket, ...(fragnoSettings && { settings: fragnoSettings }) })
  const newton = newtonBackend({ s3, bucket, ...(newtonSettings && { settings: newtonSettings }) })
  const app = new Hono()
  app.use(async (c, next) => (takesFiles.test(c.req.path) ? next() : limited(c, next)))
  app.route('/trouble', troubleRoutes(trouble))
  if (trouble !== undefined) for (const path of served) app.use(`${path}/*`, unplugged(trouble))
  app.route(
    '/api/presigned',
    presignedBackend({
      s3,
      bucket,
      ...(partSize === undefined ? {} : { partSize }),
      ...(urlLifetime === undefined ? {} : { urlLifetime }),
    }),
  )
  app.route('/fragno', fragno.app)
  app.route('/newton', newton.app)
  app.route('/newton-downloads', newtonDownloads({ s3, bucket }))
  app.route('/api/bkend', bkendBackend({ s3, bucket }))
  app.route('/api/active-storage', activeStorageBackend({ s3, bucket }))
  app.route('/', page(folders))
  return { app, controls: { fragno: fragno.control, newton: newton.control } }
}

/** Requests that come before the application is ready wait for it. */
function listen(app: Promise<Hono>, options: DemoOptions): Promise<Server> {
  const server = createServer(getRequestListener(async (request, env) => (await app).fetch(request, env)))
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, options.host ?? localhost, () => resolve(server))
  })
}

/** A browser keeps its connections for minutes, and closing the server alone would wait for them. */
function closeServer(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error === undefined ? resolve() : reject(error)))
    server.closeAllConnections()
  })
}
