/** Answers that arrive after nobody has waited for them any more. */
import { describe, expect, test, vi } from 'vitest'
import { HttpError, NetworkError, SessionLostError } from '../src/errors.ts'
import { flush } from './fakes/clock.ts'
import { fileOf, rig } from './fakes/uploader.ts'

describe('an answer to completing that comes after it was given up', () => {
  test('leaves it unsure whether the upload is complete', async () => {
    const { uploader, transport, backend, clock } = rig()
    const upload = uploader.uploadFile(fileOf(8))
    let late = (_: Error): void => {}
    vi.spyOn(backend, 'complete').mockImplementationOnce(
      () =>
        new Promise((_, reject) => {
          late = reject
        }),
    )
    for (const request of await transport.take(2)) request.store()
    await flush()
    upload.pause()
    await clock.advance(300_000)
    expect(upload.state).toEqual({ status: 'paused', by: 'user' })
    late(new HttpError({ endpoint: 'complete', status: 400, serviceCode: undefined, detail: 'no' }))
    await flush()
    backend.failNext('complete', new SessionLostError(new NetworkError('gone')))
    upload.resume()
    await expect(upload).rejects.toMatchObject({ code: 'unsure' })
    expect(backend.opened).toHaveLength(1)
  })
})
