import type { S3Error } from './s3-error.ts'

const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n'
const namespace = 'http://s3.amazonaws.com/doc/2006-03-01/'
const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}

/** XML that only the functions below make, so that nothing is escaped twice or not at all. */
export type Xml = { readonly xml: string }

/** An element with text in it; nothing if there is no text. */
export function text(name: string, value: string | number | boolean | undefined): Xml {
  return { xml: value === undefined ? '' : `<${name}>${escapeXml(String(value))}</${name}>` }
}

export function element(name: string, ...children: readonly Xml[]): Xml {
  return { xml: `<${name}>${children.map(({ xml }) => xml).join('')}</${name}>` }
}

/** An answer's body. */
export function xmlDocument(root: string, ...children: readonly Xml[]): string {
  return `${declaration}<${root} xmlns="${namespace}">${children.map(({ xml }) => xml).join('')}</${root}>`
}

/** S3's errors have no namespace. */
export function errorDocument(error: S3Error, resource: string, requestId: string): string {
  const { xml } = element(
    'Error',
    text('Code', error.code),
    text('Message', error.message),
    ...Object.entries(error.details).map(([name, value]) => text(name, value)),
    text('Resource', resource),
    text('RequestId', requestId),
    text('HostId', hostId),
  )
  return declaration + xml
}

export const hostId = 'embedded-object-store'

/** Splits off the declaration, for answers whose first bytes come long before the rest. */
export function splitDeclaration(document: string): readonly [first: string, rest: string] {
  return [declaration, document.slice(declaration.length)]
}

/**
 * Writes control characters (such as a carriage return in a key) as numbers: otherwise they would not survive parsing.
 */
function escapeXml(value: string): string {
  return value
    .replace(/[&<>"']/g, (character) => entities[character] ?? character)
    .replace(/\p{Cc}/gu, (character) => `&#${character.charCodeAt(0)};`)
}
