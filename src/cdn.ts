/**
 * The entry of the builds for a CDN: the whole package, as the global `longhaul` or as a module, with the worker
 * inside.
 */
export * from './index.ts'
