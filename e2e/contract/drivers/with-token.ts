import type { Demo } from '../../../demo/server/demo.ts'

/** The options of a call to a reference server with bearer tokens. */
export async function withToken(demo: Demo, mount: string): Promise<RequestInit> {
  const response = await fetch(`${demo.url}${mount}/_token`, { method: 'POST' })
  const { token } = await response.json()
  return { headers: { authorization: `Bearer ${token}` } }
}
