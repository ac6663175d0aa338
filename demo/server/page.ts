/** Serves the built page, the page without a build, and the library's files that a page may load separately. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { serveStatic } from '@hono/node-server/serve-static'
import { type Context, Hono, type Next } from 'hono'

export type PageFolders = {
  /** The folder of the built page. @default demo/dist */
  readonly page?: string
  /** The folder of the built library. @default dist */
  readonly library?: string
}

const libraryFiles = ['longhaul.global.js', 'longhaul.min.js', 'worker.js']

export function page(folders: PageFolders): Hono {
  const { page = fromHere('../dist'), library = fromHere('../../dist') } = folders
  const app = new Hono()
  app.use(caching)
  for (const file of libraryFiles) app.get(`/${file}`, serveStatic({ path: join(library, file) }))
  app.get('/cdn.html', serveStatic({ path: fromHere('../cdn.html') }))
  // It refuses paths with a `..`, encoded or not, and paths with a backslash.
  if (existsSync(page)) app.get('*', serveStatic({ root: page }))
  app.all('*', (c) => c.text('Not found. If you expected the demo page: `npm start` builds it.', 404))
  return app
}

/** Vite puts a hash of the content into the names below /assets. */
async function caching(c: Context, next: Next): Promise<void> {
  await next()
  const forever = c.res.ok && c.req.path.startsWith('/assets/')
  c.header('cache-control', forever ? 'public, max-age=31536000, immutable' : 'no-cache')
}

function fromHere(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url))
}
