import type { PickedFile } from 'longhaul'
import { useDropZone } from 'longhaul/react'
import { type ReactElement, useRef, useState } from 'react'
import { BackendSwitch } from './backend-switch.tsx'
import { uploadList } from './upload-list.ts'
import { errorInWords } from './words.ts'

export function DropZone(): ReactElement {
  const picker = useRef<HTMLInputElement>(null)
  const [problem, setProblem] = useState<string>()
  const add = (files: AsyncIterable<PickedFile>): void => {
    setProblem(undefined)
    uploadList.add(files).catch((error: unknown) => setProblem(errorInWords(error)))
  }
  // Anywhere on the page: a drop that misses the zone would else replace the page.
  const { isOver: over, input } = useDropZone(add, { page: true })
  return (
    <section className="drop-zone" data-testid="drop-zone" data-over={over} aria-label="Add files">
      <p className="drop-words">
        <strong>{over ? 'Let go to upload' : 'Drop files or folders here'}</strong>
        <span>Any size, any number. An unfinished one goes on where it stopped.</span>
      </p>
      <button
        type="button"
        className="button button-main"
        data-testid="choose-files"
        onClick={() => picker.current?.click()}
      >
        Choose files
      </button>
      <input ref={picker} {...input} hidden data-testid="file-input" />
      <BackendSwitch />
      {problem !== undefined && <p role="alert">{problem}</p>}
    </section>
  )
}
