import type { UploadResult as Result } from 'longhaul'
import type { ReactElement } from 'react'
import { bytes, percent } from './format.ts'
import { Icon } from './icons.tsx'
import { save } from './save.ts'
import type { UploadEntry, UploadView } from './upload-entry.ts'
import type { Verdict } from './verdict.ts'
import { nameInWords } from './words.ts'

type UploadResultProps = {
  readonly entry: UploadEntry
  readonly view: UploadView
  readonly result: Result
}

/** The stored file: a way to download it, and whether it equals the picked one. */
export function UploadResult({ entry, view, result }: UploadResultProps): ReactElement {
  const { verdict } = view
  return (
    <div className="result">
      <p className="verdict" data-testid="verdict" data-verdict={verdict.status}>
        <VerdictInWords verdict={verdict} size={result.size} />
      </p>
      <Download entry={entry} result={result} />
    </div>
  )
}

/** A link, if the server has one that lasts. */
function Download({ entry, result }: Omit<UploadResultProps, 'view'>): ReactElement {
  const look = { className: 'button button-small', 'data-testid': 'download' }
  const href = entry.backend.link?.(result)
  const words = (
    <>
      <Icon name="download" />
      <span>Download</span>
      <span className="unseen"> {nameInWords(entry.upload.identity)}</span>
    </>
  )
  if (href !== undefined)
    return (
      <a {...look} href={href}>
        {words}
      </a>
    )
  return (
    <button {...look} type="button" onClick={() => save(entry, result)}>
      {words}
    </button>
  )
}

function VerdictInWords({
  verdict,
  size,
}: {
  readonly verdict: Verdict
  readonly size: number
}): ReactElement {
  switch (verdict.status) {
    case 'waiting':
      return <span>{bytes(size)} stored. Waiting to be compared.</span>
    case 'comparing':
      return <span>Comparing the SHA-256 of file and stored object: {percent(verdict.hashed, size)} %</span>
    case 'identical':
      return (
        <>
          <Icon name="check" />
          <strong>SHA-256 identical</strong>
          <code title="Of the file here, and of the object in the storage">{verdict.sha256}</code>
        </>
      )
    case 'different':
      return (
        <>
          <Icon name="alert" />
          <strong>SHA-256 differs: the stored object is not this file</strong>
          <code>file {verdict.local}</code>
          <code>stored {verdict.stored}</code>
        </>
      )
    case 'failed':
      return (
        <>
          <Icon name="alert" />
          <span>Stored, but could not be compared. {verdict.message}</span>
        </>
      )
  }
}
