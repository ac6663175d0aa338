/** Subresource Integrity (W3C): the hash that a browser checks before it runs a file from a CDN. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** The files of dist/ that pages load directly. */
export const cdnFiles = ['longhaul.global.js', 'longhaul.min.js'] as const

export type CdnFile = (typeof cdnFiles)[number]

/** @returns `sha384-` and the digest in base64. */
export function integrityOf(file: CdnFile): string {
  const content = readFileSync(new URL(`../dist/${file}`, import.meta.url))
  return `sha384-${createHash('sha384').update(content).digest('base64')}`
}
