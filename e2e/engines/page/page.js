/** The harness of the other end-to-end tests. Its options are in the URL, because not every driver can run scripts first. */
const asked = new URL(location.href).searchParams

/** @param {string} src */
function load(src) {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script')
    Object.assign(script, { src, onload: resolve, onerror: reject })
    document.head.append(script)
  })
}

if (asked.get('build') === 'script-tag') await load('/longhaul.global.js')
else globalThis.longhaul = await import('./longhaul.js')
globalThis.uploaderOptions = JSON.parse(asked.get('options') ?? '{}')
await import('./harness.js')
await import('./features.js')
globalThis.isReady = true
