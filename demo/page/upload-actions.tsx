/** The buttons of one upload. */
import type { UploadState } from 'longhaul'
import { type ReactElement, type RefObject, useLayoutEffect, useRef } from 'react'
import { Action, PickAction } from './action.tsx'
import { focusSoon } from './focus.ts'
import type { UploadEntry } from './upload-entry.ts'
import { uploadList } from './upload-list.ts'
import { isElsewhere, nameInWords } from './words.ts'

type UploadActionsProps = { readonly entry: UploadEntry; readonly state: UploadState }

export function UploadActions({ entry, state }: UploadActionsProps): ReactElement {
  const { upload } = entry
  const name = nameInWords(upload.identity)
  const ref = useKeptFocus()
  if (state.status === 'done' || state.status === 'cancelled')
    return (
      <div className="actions" ref={ref}>
        {/* The same key as Cancel, whose focus it inherits, and not the key of Pause. */}
        <Action
          key="end"
          icon="cancel"
          label="Remove"
          id="remove"
          name={name}
          onClick={() => remove(entry)}
        />
      </div>
    )
  return (
    <div className="actions" ref={ref}>
      <NextStep entry={entry} state={state} />
      <Action
        key="end"
        icon="cancel"
        label="Cancel"
        id="cancel"
        name={name}
        onClick={() => upload.cancel()}
      />
    </div>
  )
}

/**
 * When the focused button disappears, as Pause does once the file is stored, the first remaining button gets the focus.
 */
function useKeptFocus(): RefObject<HTMLDivElement | null> {
  const ref = useRef<HTMLDivElement>(null)
  const hadFocus = ref.current?.matches(':focus-within')
  useLayoutEffect(() => {
    if (hadFocus && !ref.current?.matches(':focus-within')) ref.current?.querySelector('button')?.focus()
  })
  return ref
}

/**
 * Pause, or the button that resumes. An upload that another tab works on has neither: it goes on when that tab is gone.
 */
function NextStep({ entry, state }: UploadActionsProps): ReactElement | null {
  const { upload } = entry
  const name = nameInWords(upload.identity)
  if (wantsFile(state)) return <FileAgain entry={entry} state={state} />
  if (isElsewhere(state)) return null
  if (state.status === 'failed')
    return <Action icon="again" label="Try again" id="resume" name={name} onClick={() => upload.resume()} />
  if (state.status === 'paused')
    return <Action icon="resume" label="Resume" id="resume" name={name} onClick={() => upload.resume()} />
  return <Action icon="pause" label="Pause" id="pause" name={name} onClick={() => upload.pause()} />
}

/** For a file that cannot be read any more or is not the same as before. */
function FileAgain({ entry, state }: UploadActionsProps): ReactElement {
  const { upload } = entry
  const name = nameInWords(upload.identity)
  return (
    <>
      <PickAction
        main
        icon="resume"
        label="Pick the file again"
        id="pick-again"
        name={name}
        onPick={(file, handle) => entry.pickAgain(file, handle)}
      />
      {state.status === 'failed' && (
        <Action icon="again" label="Start over" id="restart" name={name} onClick={() => upload.restart()} />
      )}
    </>
  )
}

function wantsFile(state: UploadState): boolean {
  if (state.status === 'failed') return state.error.code === 'file-changed'
  return state.status === 'paused' && state.by === 'system' && state.reason === 'needs-file'
}

function remove(entry: UploadEntry): void {
  uploadList.remove(entry)
  focusSoon('uploads-heading')
}
