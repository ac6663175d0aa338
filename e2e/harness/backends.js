/**
 * How the page makes the backend that a test asks for, by `?backend=`, and what it signs in with. The tokens are real ones of
 * the reference servers: what a test finds of them elsewhere has leaked.
 */

/** The one that is there without `?backend=`: its server lets everybody in, and its token is a canary. */
function presignedBackend() {
  const canary = 'Bearer canary-of-the-application'
  const token = { current: canary, refreshes: 0 }
  const backend = globalThis.longhaul.presigned({
    baseUrl: '/api/presigned',
    endpoints: { abort: '/abort', listParts: '/list-parts', status: '/status' },
    headers: async () => ({ authorization: token.current }),
    onUnauthorized: () => {
      token.refreshes += 1
      token.current = `${canary} ${token.refreshes}`
    },
  })
  return { backend, refreshes: () => token.refreshes, secrets: () => [canary] }
}

const makers = { presigned: presignedBackend }

export async function backendUnderTest() {
  const kind = new URL(location.href).searchParams.get('backend') ?? 'presigned'
  return makers[kind]()
}
