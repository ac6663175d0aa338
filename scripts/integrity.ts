/** Subresource Integrity (W3C): what a browser compares a file of a CDN with before it runs it. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** The files of dist/ that pages load by themselves. */
export const cdnFiles = ['longhaul.global.js', 'longhaul.min.js'] as const

export type CdnFile = (typeof cdnFiles)[number]

/** @returns `sha384-` and the digest in base64. */
export function integrityOf(file: CdnFile): string {
  const content = readFileSync(new URL(`../dist/${file}`, import.meta.url))
  return `sha384-${createHash('sha384').update(content).digest('base64')}`
}
