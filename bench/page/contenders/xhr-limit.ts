/** The limit, with XMLHttpRequest, listening to how many bytes have left, which is the reason to use it. */
import { bareLoop, type PutAnswer } from '../bare-loop.ts'
import type { Contender } from '../contender.ts'

export const upload: Contender = (files, settings) => bareLoop(files, settings, put)

function put(url: string, body: Blob): Promise<PutAnswer> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('PUT', url)
    request.upload.onprogress = ({ loaded }) => {
      sent.set(request, loaded)
    }
    request.onload = () => resolve({ status: request.status, etag: request.getResponseHeader('etag') })
    request.onerror = () => reject(new Error('no answer'))
    request.send(body)
  })
}

const sent = new WeakMap<XMLHttpRequest, number>()
