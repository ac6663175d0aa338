/** Builds the package once, before the tests that examine it, unless the build is newer than the sources. */
import { buildLibrary } from '../../demo/server/build.ts'

export const setup: () => void = buildLibrary
