/** The part of the W3C WebDriver protocol that the suite needs, by fetch. */
export type WebDriver = {
  /** Sends one command. @returns The answer's `value`. */
  send(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<unknown>
}

export class WebDriverError extends Error {
  override readonly name = 'WebDriverError'
}

/** @param base As in http://127.0.0.1:4444 */
export function webDriver(base: string): WebDriver {
  return {
    async send(method, path, body) {
      const response = await fetch(`${base}${path}`, {
        method,
        ...(method === 'POST' && { body: JSON.stringify(body ?? {}) }),
      })
      const { value } = (await response.json()) as { value: unknown }
      if (!response.ok) throw new WebDriverError(`${method} ${path}: ${JSON.stringify(value)}`)
      return value
    },
  }
}
