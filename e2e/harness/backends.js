/**
 * Makes the backend that a test asks for by `?backend=`, with its credentials. The tokens are real ones of the reference
 * servers: a token that a test finds anywhere else has leaked.
 */

/** The default. Its server lets everybody in, and its token is a canary. */
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

const mebibyte = 1024 * 1024

/** @param {string} path */
async function post(path, body = {}) {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!response.ok) throw new Error(`${path} answered ${response.status}`)
  return response.json()
}

/**
 * A credential that can be refreshed.
 *
 * @param {() => Promise<string>} issue
 */
async function signIn(issue) {
  const seen = [await issue()]
  return {
    current: () => seen.at(-1),
    onUnauthorized: async () => {
      seen.push(await issue())
    },
    refreshes: () => seen.length - 1,
    secrets: () => seen,
  }
}

/** @param {string} baseUrl */
const bearer = (baseUrl) => signIn(async () => (await post(`${baseUrl}/_token`)).token)

async function fragnoBackend() {
  const baseUrl = '/fragno'
  const token = await bearer(baseUrl)
  const headers = () => ({ authorization: `Bearer ${token.current()}` })
  const { onUnauthorized } = token
  return { ...token, backend: globalThis.longhaul.fragno({ baseUrl, headers, onUnauthorized }) }
}

async function newtonBackend() {
  const baseUrl = '/newton'
  const token = await bearer(baseUrl)
  const { onUnauthorized } = token
  const backend = globalThis.longhaul.newton({ baseUrl, apiKey: token.current, onUnauthorized })
  return { ...token, backend }
}

/** This backend refreshes its tokens itself. */
async function bkendBackend() {
  const baseUrl = '/api/bkend'
  const { apiKey, accessToken, refreshToken } = await post(`${baseUrl}/session`)
  const seen = [accessToken]
  const backend = globalThis.longhaul.bkend({
    baseUrl,
    apiKey,
    accessToken,
    refreshToken,
    singleLimit: mebibyte,
    category: 'media',
    onTokens: (tokens) => void seen.push(tokens.accessToken),
  })
  const options = { partSize: 5 * mebibyte }
  return { backend, options, refreshes: () => seen.length - 1, secrets: () => [apiKey, ...seen] }
}

/** With an API key, as in a vendor's API. */
async function activeStorageBackend() {
  const baseUrl = '/api/active-storage'
  const key = await signIn(async () => (await post(`${baseUrl}/api/session`)).apiKey)
  const headers = () => ({ 'x-api-key': key.current() })
  const { onUnauthorized } = key
  return { ...key, backend: globalThis.longhaul.activeStorage({ baseUrl, headers, onUnauthorized }) }
}

/** As in Rails, with a cookie and a CSRF token in the page. */
async function railsBackend() {
  const baseUrl = '/api/active-storage'
  const token = await signIn(async () => (await post(`${baseUrl}/session`)).csrfToken)
  document.head.insertAdjacentHTML('beforeend', `<meta name="csrf-token" content="${token.current()}">`)
  const path = '/rails/active_storage/direct_uploads'
  return { ...token, backend: globalThis.longhaul.activeStorage({ baseUrl, path, csrf: true }) }
}

const makers = {
  presigned: presignedBackend,
  fragno: fragnoBackend,
  bkend: bkendBackend,
  newton: newtonBackend,
  'active-storage': activeStorageBackend,
  rails: railsBackend,
}

export async function backendUnderTest() {
  const kind = new URL(location.href).searchParams.get('backend') ?? 'presigned'
  return makers[kind]()
}
