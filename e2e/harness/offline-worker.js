/** As in many tutorials: without a network, every request is answered by an offline page with status 200. */
addEventListener('install', () => skipWaiting())
addEventListener('activate', (event) => event.waitUntil(clients.claim()))
addEventListener('fetch', (event) => {
  const page = () =>
    new Response('<!doctype html><title>Offline</title>', { headers: { 'content-type': 'text/html' } })
  event.respondWith(fetch(event.request).catch(page))
})
