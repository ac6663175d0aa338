/** The other way to send a part with its checksum: reads it once, and digests and sends the same bytes from here. */
import { makers } from '../../../src/hashing/common-digests.ts'

export type PartToSend = { readonly url: string; readonly body: Blob }
export type SentPart = { readonly status: number; readonly etag: string | null; readonly crc32c: string }

addEventListener('message', ({ data, ports: [port] }: MessageEvent<PartToSend>) => {
  void send(data).then((sent) => port?.postMessage(sent))
})

async function send({ url, body }: PartToSend): Promise<SentPart> {
  const buffer = await body.arrayBuffer()
  const digest = await makers.crc32c?.()
  digest?.update(new Uint8Array(buffer))
  const crc32c = (await digest?.digest()) ?? ''
  const { status, headers } = await fetch(url, { method: 'PUT', body: new Blob([buffer]) })
  return { status, etag: headers.get('etag'), crc32c }
}
