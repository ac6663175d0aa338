import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** Address of a server on another origin, which answers as the path says. */
    readonly server: string
    /** Path of a folder on the disk, for dropping. */
    readonly dropped: string
  }
}

const cors = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': '*',
  'access-control-allow-headers': '*',
  'access-control-expose-headers': 'etag, retry-after',
}

/** Requests that were neither answered nor cut. A page that gives up must end its own. */
let open = 0

/** Requests for resources that a browser may cache. */
let cached = 0

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://server')
  if (request.method === 'OPTIONS') return void response.writeHead(204, cors).end()
  if (pathname === '/open') return void response.writeHead(200, cors).end(String(open))
  open += 1
  response.once('close', () => {
    open -= 1
  })
  if (pathname === '/cut') return void request.once('data', () => request.socket.destroy())
  // The body must be read, or the socket would not notice that the page is gone.
  if (pathname === '/hang') return void request.resume()
  const hash = createHash('md5')
  for await (const chunk of request) hash.update(chunk)
  if (pathname === '/cached') {
    cached += 1
    return void response.writeHead(200, { ...cors, 'cache-control': 'max-age=60' }).end(String(cached))
  }
  if (pathname === '/sign-in')
    return void response
      .writeHead(200, { ...cors, 'content-type': 'text/html' })
      .end('<!DOCTYPE html>\n<title>Sign in</title>')
  const [, signIn] = /^\/signed-out\/(\d+)$/.exec(pathname) ?? []
  if (signIn !== undefined)
    return void response.writeHead(Number(signIn), { ...cors, location: '/sign-in?next=secret' }).end()
  const [, redirect, host] = /^\/redirect\/(\d+)\/([^/]+)$/.exec(pathname) ?? []
  if (redirect !== undefined) {
    const location = `http://${host}:${request.socket.localPort}/arrived`
    return void response.writeHead(Number(redirect), { ...cors, location }).end()
  }
  const status = Number(/^\/status\/(\d+)$/.exec(pathname)?.[1] ?? 200)
  const headers = { ...cors, etag: `"${hash.digest('hex')}"`, 'retry-after': '3', 'x-hidden': 'yes' }
  response
    .writeHead(status, headers)
    .end(JSON.stringify({ method: request.method, headers: request.headers }))
}

/** With a folder of more entries than a browser returns at once. */
async function writeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'longhaul-'))
  await mkdir(join(folder, 'dropped/inner'), { recursive: true })
  await mkdir(join(folder, 'dropped/many'))
  await writeFile(join(folder, 'dropped/a.txt'), 'a')
  await writeFile(join(folder, 'dropped/inner/b.txt'), 'b')
  for (let index = 0; index < 120; index++) await writeFile(join(folder, `dropped/many/${index}.txt`), '')
  return folder
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server: Server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  project.provide('server', `http://127.0.0.1:${port}`)
  const folder = await writeFolder()
  project.provide('dropped', join(folder, 'dropped'))
  return async () => {
    await rm(folder, { recursive: true })
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}
