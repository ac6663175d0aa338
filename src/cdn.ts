/** The script tag's entry: everything of the package under the global `longhaul`, the worker inside. */
export * from './index.ts'
