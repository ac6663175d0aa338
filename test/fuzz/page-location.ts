/** What the library looks up of the page that it is in: without it, relative URLs would lead nowhere. */
import { afterAll, beforeAll } from 'vitest'

export const origin = 'https://app.test'

export function withPageLocation(): void {
  beforeAll(() => void Object.assign(globalThis, { location: { href: `${origin}/`, origin } }))
  afterAll(() => void Reflect.deleteProperty(globalThis, 'location'))
}
