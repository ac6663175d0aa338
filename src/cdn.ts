/** The entry of the CDN builds: the whole main entry, as the global `longhaul` or as a module, with the worker inside. */
export * from './index.ts'
