/** While the page is developed, the backend is another server, behind Vite's. */
export default {
  server: { proxy: { '/api': process.env.BACKEND } },
}
