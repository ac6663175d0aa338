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
          What an earlier visit left
        </h2>
        {known.length > 1 && <ResumeAll uploads={known} />}
      </div>
      <p className="hint">{hint(known.length, uploads.length)}</p>
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
    return 'The browser has kept the way to the files: one click goes on, and only the missing parts are sent. It may ask you for leave to read them.'
  if (known > 0)
    return 'Some of these files the browser can open again by one click. The others have to be picked once more, here or above. Only the missing parts are sent.'
  return 'Your browser has kept how far they got, but no way to the files. Pick the same file again, here or above, and only the missing parts are sent.'
}

function keyOf({ upload: { identity, startedAt, params }, backend }: LeftUpload): string {
  return JSON.stringify([backend.name, identity, params, startedAt])
}
