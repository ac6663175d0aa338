import type { Demo } from '../../../demo/server/demo.ts'

/** What a call of one of the reference servers needs that give bearer tokens out. */
export async function withToken(demo: Demo, mount: string): Promise<RequestInit> {
  const response = await fetch(`${demo.url}${mount}/_token`, { method: 'POST' })
  const { token } = await response.json()
  return { headers: { authorization: `Bearer ${token}` } }
}
