/** WebKitGTK for Vitest's browser tests. It opens the page that runs them, and supports no other browser commands. */
import { playwright } from '@vitest/browser-playwright'
import type { BrowserProviderOption } from 'vitest/node'
import type { Engine } from '../engine.ts'
import { webkitEngine } from './webkit.ts'

export function webkitGtk(): BrowserProviderOption {
  // The page's server is the same for all browsers.
  const { serverFactory } = playwright()
  return {
    name: 'webkitgtk',
    options: {},
    serverFactory,
    providerFactory(project) {
      let engine: Engine | undefined
      // The window's size cannot be changed.
      project.browser?.registerCommand('__vitest_viewport' as never, (async () => {}) as never)
      return {
        name: 'webkitgtk',
        supportsParallelism: false,
        getCommandsContext: () => ({}),
        async openPage(_, url) {
          engine ??= await webkitEngine()
          const { newTab } = await engine.newProfile()
          await (await newTab()).open(url)
        },
        close: async () => engine?.close(),
      }
    },
  }
}
