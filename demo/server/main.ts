/**
 * The demo on this machine: builds the library and the page, serves them, and stops without a trace on Ctrl+C.
 *
 *     npm start                         the page on http://127.0.0.1:4321, the store beside it on 4322
 *     PORT=8080 HOST=0.0.0.0 npm start  elsewhere, and for other machines too
 *     S3_ENDPOINT=https://… S3_BUCKET=… AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… npm start
 */
import { fileURLToPath } from 'node:url'
import { buildLibrary, buildPage } from './build.ts'
import { startDemo } from './demo.ts'

const port = readPort(process.env['PORT'] ?? '4321')

buildLibrary()
await buildPage()
const demo = await startDemo({
  port,
  storePort: port + 1,
  host: process.env['HOST'] ?? '127.0.0.1',
  // Real servers of this kind leave files below 5 GiB in one piece. Here a visitor can see parts.
  fragno: { singleBelow: 8 * 1024 * 1024 },
  // Kept, so that an interrupted upload can go on even after the server was stopped. One folder for each port, because
  // a browser's storage is by port too, and two stores must not share their data.
  directory: fileURLToPath(new URL(`../../.data/store/${port}`, import.meta.url)),
}).catch(explain)
console.log(`longhaul demo: ${demo.url}`)

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop)

function stop(): void {
  demo.close().then(
    () => process.exit(0),
    (error: unknown) => quit(`longhaul demo: could not stop cleanly: ${String(error)}`),
  )
}

function explain(error: NodeJS.ErrnoException & { port?: number }): never {
  if (error.code !== 'EADDRINUSE') throw error
  quit(`longhaul demo: port ${error.port ?? port} is taken. Choose another, such as PORT=4400 npm start`)
}

function readPort(text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value > 0 && value < 65_535) return value
  quit(`longhaul demo: expected PORT to be a number from 1 to 65534, got "${text}"`)
}

function quit(message: string): never {
  console.error(message)
  process.exit(1)
}
