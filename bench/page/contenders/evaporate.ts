/**
 * Evaporate with a route that signs. With Signature Version 4 it insists on the MD5 of every part, by a function of the
 * page's.
 */
import Evaporate from 'evaporate'
import { createMD5, createSHA256 } from 'hash-wasm'
import type { Contender } from '../contender.ts'
import { post } from '../post.ts'

/** Parameters and headers of the application's own, what to sign, when, and what that is the digest of. */
type AuthParameters = readonly [unknown, unknown, string, string, string]

export const upload: Contender = async (files, { api, width, partSize, store }) => {
  const [md5, sha256] = await Promise.all([createMD5(), createSHA256()])
  const hex = (text: string): string => sha256.init().update(text).digest('hex')
  const { host } = new URL(store.endpoint)
  const sign = async (...[, , toSign, , request]: AuthParameters): Promise<string> => {
    // It signs for the host without the port, as there is none at Amazon.
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
    // The bucket stands in the path.
    cloudfront: false,
    computeContentMd5: true,
    cryptoMd5Method: (data: ArrayBuffer) => base64(md5.init().update(new Uint8Array(data)).digest('binary')),
    cryptoHexEncodedHash256: hex,
    customAuthMethod: sign,
    partSize,
    logging: false,
    ...(width === undefined ? {} : { maxConcurrentParts: width }),
    // Only with this it remembers what it has sent.
    s3FileCacheHoursAgo: 24,
  })
  // The name is what it finds an interrupted upload by.
  return {
    keys: await Promise.all(files.map((file) => evaporate.add({ name: `uploads/${file.name}`, file }))),
  }
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
}
