import { registerHooks } from 'node:module'
import { expect, test } from 'vitest'

// React 18's packages import `react` by name, and so do the hooks.
registerHooks({
  resolve(specifier, context, next) {
    const { url, ...rest } = next(specifier, context)
    return { ...rest, url: url.replace(/\/node_modules\/(react|react-dom)\//, '/node_modules/$1-18/') }
  },
})

test('this is React 18', async () => expect((await import('react')).version).toMatch(/^18\./))

const { testServerRendering } = await import('./server-rendering.ts')
testServerRendering('18', () => import('react-dom/server'))
