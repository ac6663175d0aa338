/** What many a tutorial has: a page for when there is no network, with a 200, whatever was asked for. */
addEventListener('install', () => skipWaiting())
addEventListener('activate', (event) => event.waitUntil(clients.claim()))
addEventListener('fetch', (event) => {
  const page = () =>
    new Response('<!doctype html><title>Offline</title>', { headers: { 'content-type': 'text/html' } })
  event.respondWith(fetch(event.request).catch(page))
})
