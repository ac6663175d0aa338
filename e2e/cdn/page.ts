/** A page that loads one of the CDN builds, written as an application would write it. */
import { type CdnFile, integrityOf } from '../../scripts/integrity.ts'

export type PageOptions = {
  readonly file: CdnFile
  /** The URL of the file's folder. */
  readonly from: string
  /** The `baseUrl` of the backend. */
  readonly api: string
  readonly policy?: string | undefined
  /** @default that of the file */
  readonly integrity?: string
}

export type Uploaded = {
  readonly key?: string
  readonly size?: number
  readonly checksums?: Readonly<Record<string, string>>
  readonly error?: string
  readonly warnings: readonly string[]
}

declare global {
  /** Uploads the picked file. */
  var uploaded: () => Promise<Uploaded>
}

/** The page loads nothing of the library but this file. */
export function pageWith({ file, from, api, policy, integrity = integrityOf(file) }: PageOptions): string {
  const url = `${from}/${file}`
  const meta = policy === undefined ? '' : `<meta http-equiv="Content-Security-Policy" content="${policy}" />`
  const scripts = file === 'longhaul.min.js' ? asModule(url, integrity, api) : asTag(url, integrity, api)
  return `<!doctype html>
<meta charset="utf-8" />
${meta}
<title>longhaul from a CDN</title>
<link rel="icon" href="data:," />
<input type="file" />
${scripts}`
}

/** A script beside a file: page has no origin. It cannot be loaded with CORS, so its integrity cannot be checked. */
function asTag(url: string, integrity: string, api: string): string {
  const compared = url.startsWith('http') ? `integrity="${integrity}" crossorigin="anonymous"` : ''
  return `<script src="${url}" ${compared}></script><script>${use(api)}</script>`
}

function asModule(url: string, integrity: string, api: string): string {
  const map = { imports: { longhaul: url }, integrity: { [url]: integrity } }
  return `<script type="importmap">${JSON.stringify(map)}</script>
<script type="module">import * as longhaul from 'longhaul'; ${use(api)}</script>`
}

function use(api: string): string {
  return `
const backend = longhaul.presigned({ baseUrl: '${api}' })
const uploader = new longhaul.Uploader({ backend, checksum: 'crc32c' })
globalThis.uploaded = async () => {
  const upload = uploader.uploadFile(document.querySelector('input').files[0])
  const warnings = []
  upload.on('warning', ({ code }) => warnings.push(code))
  const ended = await upload.then((result) => result, (error) => ({ error: String(error) }))
  return { ...ended, warnings }
}`
}
