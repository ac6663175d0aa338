import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const fromHere = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

// biome-ignore lint/style/noDefaultExport: Vite reads it so
export default defineConfig({
  root: fromHere('page'),
  // The built package, as an application would get it from npm.
  resolve: {
    alias: [
      { find: /^longhaul$/, replacement: fromHere('../dist/index.js') },
      { find: /^longhaul\/(\w+)$/, replacement: fromHere('../dist/$1.js') },
    ],
  },
  plugins: [react()],
  build: { outDir: fromHere('dist'), emptyOutDir: true },
  worker: { format: 'es' },
})
