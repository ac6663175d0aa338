import { memo, type ReactElement } from 'react'
import { bytes } from './format.ts'
import { Icon } from './icons.tsx'
import { PartsMap } from './parts-map.tsx'
import { UploadActions } from './upload-actions.tsx'
import type { UploadEntry, UploadView } from './upload-entry.ts'
import { UploadFigures } from './upload-figures.tsx'
import { UploadProgress } from './upload-progress.tsx'
import { UploadResult } from './upload-result.tsx'
import { useUpload } from './use-upload.ts'
import { nameInWords, stateInWords } from './words.ts'

/** One file. Only this row renders again when its upload reports something. */
export const UploadRow = memo(function UploadRow({ entry }: { readonly entry: UploadEntry }): ReactElement {
  const view = useUpload(entry)
  const { identity } = entry.upload
  const { name, size } = identity
  const { state, progress, parts } = view
  return (
    <li
      className="upload"
      data-testid="upload"
      data-name={name}
      data-status={state.status}
      data-confirmed={progress.confirmed}
      data-total={size}
    >
      <header className="upload-head">
        <div className="upload-title">
          <h3 title={nameInWords(identity)}>{nameInWords(identity)}</h3>
          <p>
            <span className="state" data-testid="state">
              {stateInWords(view)}
            </span>
            <span>{bytes(size)}</span>
            <span>{entry.backend.label}</span>
            {state.status === 'done' && parts.total > 1 && (
              <span>{parts.total.toLocaleString('en')} parts</span>
            )}
          </p>
        </div>
        <UploadActions entry={entry} state={state} />
      </header>
      {hasSomethingToShow(view) && <Transfer entry={entry} view={view} />}
      <Trouble view={view} />
      {state.status === 'done' && <UploadResult entry={entry} view={view} result={state.result} />}
    </li>
  )
})

function Transfer({ entry, view }: { readonly entry: UploadEntry; readonly view: UploadView }): ReactElement {
  return (
    <>
      <UploadProgress name={nameInWords(entry.upload.identity)} view={view} />
      <UploadFigures view={view} />
      <PartsMap entry={entry} counts={view.parts} />
    </>
  )
}

/** Thirty files that wait or are stored should not take thirty bars and maps that say nothing. */
function hasSomethingToShow({ state, progress }: UploadView): boolean {
  if (state.status === 'waiting') return progress.confirmed > 0
  return state.status !== 'cancelled' && state.status !== 'done'
}

function Trouble({ view: { state, warning } }: { readonly view: UploadView }): ReactElement | null {
  if (state.status === 'failed')
    return (
      <div className="note note-bad" data-testid="error" data-code={state.error.code}>
        <Icon name="alert" />
        <p>
          <code>{state.error.code}</code> {state.error.message}
        </p>
      </div>
    )
  if (warning === undefined) return null
  return (
    <div className="note" data-testid="warning">
      <Icon name="alert" />
      <p>{warning}</p>
    </div>
  )
}
