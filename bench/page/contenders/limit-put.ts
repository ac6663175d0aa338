/**
 * The limit for files in one PUT, with fetch: for each file one call for its key and URL, and the PUT. It sends as many
 * at once as it is told.
 */
import type { Contender } from '../contender.ts'
import { inParallel } from '../in-parallel.ts'
import { post } from '../post.ts'

type Started = { readonly key: string; readonly url: string; readonly headers: Record<string, string> }

export const upload: Contender = async (files, { api, width = 1 }) => {
  const keys = await inParallel(files, width, async (file) => {
    const asked = { fileName: file.name, fileSize: file.size, fileType: file.type }
    const { key, url, headers } = (await post(`${api}/peers/start-put`, asked)) as Started
    const { status } = await fetch(url, { method: 'PUT', headers, body: file.slice() })
    if (status !== 200) throw new Error(`a file was answered with ${status}`)
    return key
  })
  return { keys }
}
