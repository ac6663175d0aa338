/** Builds once, before the first test, because tests in parallel serve the same files. */
import { buildLibrary, buildPage } from '../demo/server/build.ts'

// biome-ignore lint/style/noDefaultExport: Playwright reads it so
export default async function build(): Promise<void> {
  buildLibrary()
  await buildPage()
}
