/** Before the first test, once: what several of them have served at the same time must not be built under them. */
import { buildLibrary, buildPage } from '../demo/server/build.ts'

// biome-ignore lint/style/noDefaultExport: Playwright reads it so
export default async function build(): Promise<void> {
  buildLibrary()
  await buildPage()
}
