import type { ReactElement, ReactNode } from 'react'
import { useBackend } from './backend.ts'

/** What to try, and what it takes. */
export function Guide(): ReactElement {
  return (
    <div className="guide">
      <section aria-labelledby="try-heading">
        <h2 id="try-heading">Get in its way</h2>
        <ol className="trials">
          <Trial what="Reload the page in the middle">
            Pick the same file again: only the missing parts are sent.
          </Trial>
          <Trial what="Kill the browser">
            What was stored is remembered here, part by part, and not in the tab.
          </Trial>
          <Trial what="Cut the network">
            Parts that fail are tried again. If it stays away, the upload stops, keeps its parts, and Try
            again goes on.
          </Trial>
          <Trial what="Resume with the wrong file">
            It is refused by name, size and date, and nothing is lost.
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
