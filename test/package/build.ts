/** Builds the package once, before the tests that look at it; nothing is done where the build is younger than the sources. */
import { buildLibrary } from '../../demo/server/build.ts'

export const setup: () => void = buildLibrary
