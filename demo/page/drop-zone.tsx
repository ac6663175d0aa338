import { type ReactElement, useCallback, useRef, useState } from 'react'
import { BackendSwitch } from './backend-switch.tsx'
import { uploadList } from './upload-list.ts'
import { type Dropped, useFileDrop } from './use-file-drop.ts'

export function DropZone(): ReactElement {
  const input = useRef<HTMLInputElement>(null)
  const [folders, setFolders] = useState(0)
  const add = useCallback((dropped: Dropped) => {
    setFolders(dropped.folders)
    uploadList.add(dropped.files)
  }, [])
  const over = useFileDrop(add)
  return (
    <section className="drop-zone" data-testid="drop-zone" data-over={over} aria-label="Add files">
      <p className="drop-words">
        <strong>{over ? 'Let go to upload' : 'Drop files here'}</strong>
        <span>Any size, any number. An unfinished one goes on where it stopped.</span>
      </p>
      <button
        type="button"
        className="button button-main"
        data-testid="choose-files"
        onClick={() => input.current?.click()}
      >
        Choose files
      </button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        data-testid="file-input"
        onChange={({ target }) => {
          add({ files: [...(target.files ?? [])], folders: 0 })
          // So that the same file can be chosen again.
          target.value = ''
        }}
      />
      <BackendSwitch />
      {folders > 0 && <p role="alert">Folders are not taken yet: drop the files in them.</p>}
    </section>
  )
}
