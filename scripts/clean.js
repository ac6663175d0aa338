/** Removes the last build, so that none of its files remain in the next one. */
import { rmSync } from 'node:fs'

rmSync(new URL('../dist', import.meta.url), { recursive: true, force: true })
