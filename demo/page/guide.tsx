import type { ReactElement, ReactNode } from 'react'
import { useBackend } from './backend.ts'

/** What a visitor can try, and the code that it takes. */
export function Guide(): ReactElement {
  return (
    <div className="guide">
      <section aria-labelledby="try-heading">
        <h2 id="try-heading">Harder to break by a button</h2>
        <ol className="trials">
          <Trial what="Kill the whole browser">
            What was stored is remembered part by part, and not in the tab. Come back, and go on.
          </Trial>
          <Trial what="Open a second tab">
            It shows this one’s uploads. Add the same file there and close this tab: the other takes over.
          </Trial>
          <Trial what="Switch your network off for real">
            The upload rests as soon as a request fails, and goes on by itself.
          </Trial>
          <Trial what="Resume with the wrong file">
            It is refused by name, size and date, or by its content, and nothing is lost.
          </Trial>
        </ol>
      </section>
      <section aria-labelledby="code-heading">
        <h2 id="code-heading">All it takes</h2>
        <pre className="code">
          <code>{useBackend().code}</code>
        </pre>
        <p className="hint">
          The bytes go from this page straight to the object store, through URLs that the server signs. The
          server never sees them, unless it asks for that. When an upload is done, both sides’ SHA-256 are
          compared.
        </p>
      </section>
    </div>
  )
}

function Trial({ what, children }: { readonly what: string; readonly children: ReactNode }): ReactElement {
  return (
    <li>
      <strong>{what}</strong>
      <span>{children}</span>
    </li>
  )
}
