/** The limit, with fetch. */
import { bareLoop } from '../bare-loop.ts'
import type { Contender } from '../contender.ts'

export const upload: Contender = (files, settings) =>
  bareLoop(files, settings, async (url, body) => {
    const { status, headers } = await fetch(url, { method: 'PUT', body })
    return { status, etag: headers.get('etag') }
  })
