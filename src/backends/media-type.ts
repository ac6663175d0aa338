/** `type/subtype` with the characters of RFC 6838, section 4.2. */
const pattern = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/

/**
 * A file's media type for a server: in lowercase and without parameters, because some compare it with the type that the
 * bytes are sent with. `application/octet-stream` if it is unknown.
 */
export function mediaType(type: string): string {
  const essence = (type.split(';', 1)[0] ?? '').trim().toLowerCase()
  return pattern.test(essence) ? essence : 'application/octet-stream'
}
