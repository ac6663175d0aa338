/** The backend is another server, behind this one. */
export default {
  rewrites: async () => [{ source: '/api/:path*', destination: `${process.env.BACKEND}/api/:path*` }],
}
