/** `type/subtype`, both as RFC 6838 section 4.2 has them. */
const pattern = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/

/**
 * What servers take for a file's type: in lowercase and without parameters, as some compare it with what the bytes come
 * with; `application/octet-stream` where it is unknown.
 */
export function mediaType(type: string): string {
  const essence = (type.split(';', 1)[0] ?? '').trim().toLowerCase()
  return pattern.test(essence) ? essence : 'application/octet-stream'
}
