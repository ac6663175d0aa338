/** Requests for the backend go to another server. */
export default {
  rewrites: async () => [{ source: '/api/:path*', destination: `${process.env.BACKEND}/api/:path*` }],
}
