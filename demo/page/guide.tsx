import type { ReactElement, ReactNode } from 'react'
import { useBackend } from './backend.ts'

/** What a visitor can try, and the code that it takes. */
export function Guide(): ReactElement {
  return (
    <div className="guide">
      <section aria-labelledby="try-heading">
        <h2 id="try-heading">Try these yourself</h2>
        <ol className="trials">
          <Trial what="Kill the whole browser">
            The browser’s storage keeps a record of each stored part. Come back and resume.
          </Trial>
          <Trial what="Open a second tab">
            It shows this tab’s uploads. Add the same file there and close this tab: the other one takes over.
          </Trial>
          <Trial what="Switch off your network for real">
            The upload pauses when a request fails, and resumes by itself.
          </Trial>
          <Trial what="Resume with the wrong file">
            It is refused because its name, size, date or content differs. Nothing is lost.
          </Trial>
        </ol>
      </section>
      <section aria-labelledby="code-heading">
        <h2 id="code-heading">All the code it takes</h2>
        <pre className="code">
          <code>{useBackend().code}</code>
        </pre>
        <p className="hint">
          The bytes go from this page straight to the object store, through URLs that the server signs. The
          server never sees them, unless its protocol asks for that. When an upload is done, the page compares
          the SHA-256 of the file with that of the stored object.
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
