/**
 * What an application's functions may return if the result is ignored. Not run: `npm run types` fails if a line is
 * wrong.
 */
import { bkend, presigned } from 'longhaul'

declare const session: {
  refresh(): Promise<string>
  token(): string
  keep(tokens: object): Promise<number>
}

export const backends = [
  presigned({ onUnauthorized: session.refresh }),
  presigned({ onUnauthorized: () => session.token() }),
  presigned({ onUnauthorized: async ({ api }) => void api }),
  bkend({ onTokens: (tokens) => session.keep(tokens) }),
]
