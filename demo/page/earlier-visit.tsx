import type { ReactElement } from 'react'
import { InterruptedRow } from './interrupted-row.tsx'
import { type LeftUpload, useLeftUploads } from './use-left-uploads.ts'

export function EarlierVisit(): ReactElement | null {
  const uploads = useLeftUploads()
  if (uploads.length === 0) return null
  return (
    <section className="earlier" data-testid="earlier" aria-labelledby="earlier-heading">
      <h2 id="earlier-heading" tabIndex={-1}>
        What an earlier visit left
      </h2>
      <p className="hint">
        A page cannot keep your files, only how far they got. Pick the same file again, here or above, and
        only the missing parts are sent.
      </p>
      <ul>
        {uploads.map((left) => (
          <InterruptedRow key={keyOf(left)} {...left} />
        ))}
      </ul>
    </section>
  )
}

function keyOf({ upload: { identity, startedAt, params }, backend }: LeftUpload): string {
  return JSON.stringify([backend.name, identity, params, startedAt])
}
