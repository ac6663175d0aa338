import { s3Error } from './s3-error.ts'

const longestLine = 8192

/**
 * Removes the AWS SDKs' own framing from a body (Content-Encoding: aws-chunked). They use it if they learn the checksum
 * only while sending: pieces with their size in front, and the checksum in a trailer.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 */
export class AwsChunkedDecoder {
  /** Complete once the whole body has been decoded. Names in lower case. */
  readonly trailers = new Map<string, string>()
  #inTrailers = false

  async *decode(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let line = ''
    let left = 0
    for await (const piece of source) {
      for (let at = 0; at < piece.length; ) {
        if (left > 0) {
          const data = piece.subarray(at, at + left)
          yield data
          at += data.length
          left -= data.length
          continue
        }
        const end = piece.indexOf('\n', at)
        line += piece.toString('latin1', at, end === -1 ? piece.length : end)
        at = end === -1 ? piece.length : end + 1
        if (line.length > longestLine) throw malformed()
        if (end === -1) continue
        left = this.#read(line.trimEnd())
        line = ''
      }
    }
    if (!this.#inTrailers) throw s3Error('IncompleteBody')
  }

  /** @returns How many bytes of data follow this line. */
  #read(line: string): number {
    if (line === '') return 0
    if (this.#inTrailers) return this.#readTrailer(line)
    const [size = ''] = line.split(';')
    if (!/^[0-9a-f]{1,8}$/i.test(size)) throw malformed()
    this.#inTrailers = Number.parseInt(size, 16) === 0
    return Number.parseInt(size, 16)
  }

  #readTrailer(line: string): 0 {
    const colon = line.indexOf(':')
    this.trailers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim())
    return 0
  }
}

function malformed(): Error {
  return s3Error('InvalidRequest', 'The aws-chunked body is malformed.')
}
