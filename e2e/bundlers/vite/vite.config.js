/**
 * In development, requests for the backend go to another server. longhaul is a file of its own, which V8 compiles while it
 * loads and not when it is first called.
 */
export default {
  server: { proxy: { '/api': process.env.BACKEND } },
  build: {
    rolldownOptions: {
      output: {
        codeSplitting: { groups: [{ name: 'longhaul', test: /node_modules\/longhaul\// }] },
        postBanner: ({ name }) => (name === 'longhaul' ? '//# allFunctionsCalledOnLoad' : ''),
      },
    },
  },
}
