/**
 * Evaporate, with a route that signs. With Signature Version 4 it insists on the MD5 of every part, which a function of
 * the page has to compute.
 */
import Evaporate from 'evaporate'
import { createMD5, createSHA256 } from 'hash-wasm'
import type { Contender } from '../contender.ts'
import { post } from '../post.ts'

/**
 * The application's parameters and headers, the text to sign, the date, and the canonical request whose digest that
 * text contains.
 */
type AuthParameters = readonly [unknown, unknown, string, string, string]

export const upload: Contender = async (files, { api, width, partSize, store }) => {
  const [md5, sha256] = await Promise.all([createMD5(), createSHA256()])
  const hex = (text: string): string => sha256.init().update(text).digest('hex')
  const { host } = new URL(store.endpoint)
  const sign = async (...[, , toSign, , request]: AuthParameters): Promise<string> => {
    // It signs for the host without the port, because Amazon has none.
    const hash = hex(request.replace(/^host:.*$/m, `host:${host}`))
    const stringToSign = decodeURIComponent(toSign).replace(/[^\n]*$/, hash)
    const answer = (await post(`${api}/peers/signature`, { stringToSign })) as { readonly signature: string }
    return answer.signature
  }
  const evaporate = await Evaporate.create({
    aws_url: store.endpoint,
    aws_key: store.accessKeyId,
    awsRegion: store.region,
    bucket: store.bucket,
    // The bucket is in the path.
    cloudfront: false,
    computeContentMd5: true,
    cryptoMd5Method: (data: ArrayBuffer) => base64(md5.init().update(new Uint8Array(data)).digest('binary')),
    cryptoHexEncodedHash256: hex,
    customAuthMethod: sign,
    partSize,
    logging: false,
    ...(width === undefined ? {} : { maxConcurrentParts: width }),
    // Without this it does not remember what it has sent.
    s3FileCacheHoursAgo: 24,
  })
  // It finds an interrupted upload by this name.
  return {
    keys: await Promise.all(files.map((file) => evaporate.add({ name: `uploads/${file.name}`, file }))),
  }
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
}
