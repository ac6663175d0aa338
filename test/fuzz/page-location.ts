/** The parts of `location` that the library reads. Without them relative URLs would lead nowhere. */
import { afterAll, beforeAll } from 'vitest'

export const origin = 'https://app.test'

export function withPageLocation(): void {
  beforeAll(() => void Object.assign(globalThis, { location: { href: `${origin}/`, origin } }))
  afterAll(() => void Reflect.deleteProperty(globalThis, 'location'))
}
