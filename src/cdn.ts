/** The entry of the builds for a CDN: everything of the package, under the global `longhaul` or as a module, the worker inside. */
export * from './index.ts'
