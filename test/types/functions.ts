/** What an application's functions may give where nobody looks at it. Not run: `npm run types` fails where a line is not as it says. */
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
