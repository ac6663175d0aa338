/** The list of uploads that earlier visits have left. */
import type { ReactElement } from 'react'
import { focusSoon } from './focus.ts'
import { Icon } from './icons.tsx'
import { InterruptedRow } from './interrupted-row.tsx'
import { resumeByHandle } from './resume-left.ts'
import { type LeftUpload, useLeftUploads } from './use-left-uploads.ts'

export function EarlierVisit(): ReactElement | null {
  const uploads = useLeftUploads()
  if (uploads.length === 0) return null
  const known = uploads.filter(({ upload }) => !upload.needsFile)
  return (
    <section className="earlier" data-testid="earlier" aria-labelledby="earlier-heading">
      <div className="uploads-head">
        <h2 id="earlier-heading" tabIndex={-1}>
          Unfinished uploads
        </h2>
        {known.length > 1 && <ResumeAll uploads={known} />}
      </div>
      <p className="hint">
        {hint(known.length, uploads.length)} Forget removes only the entry here, Cancel also discards the
        stored parts.
      </p>
      <ul>
        {uploads.map((left) => (
          <InterruptedRow key={keyOf(left)} {...left} />
        ))}
      </ul>
    </section>
  )
}

/** One click resumes all uploads whose files the browser can open again. It may ask the user for permission. */
function ResumeAll({ uploads }: { readonly uploads: readonly LeftUpload[] }): ReactElement {
  const resume = (): void => {
    for (const left of uploads) resumeByHandle(left)
    focusSoon('uploads-heading')
  }
  return (
    <div className="actions">
      <button
        type="button"
        className="button button-small"
        data-testid="interrupted-resume-all"
        onClick={resume}
      >
        <Icon name="resume" />
        <span>Resume {uploads.length} files</span>
      </button>
    </div>
  )
}

function hint(known: number, all: number): string {
  if (known === all)
    return 'The browser can open these files again. One click resumes, and only the missing parts are sent. The browser may ask for permission to read them.'
  if (known > 0)
    return 'The browser can open some of these files again with one click. Pick the others once more, here or above. Only the missing parts are sent.'
  return 'The browser has kept the progress, but it cannot open the files again by itself. Pick the same file again, here or above, and only the missing parts are sent.'
}

function keyOf({ upload: { identity, startedAt, params }, backend }: LeftUpload): string {
  return JSON.stringify([backend.name, identity, params, startedAt])
}
