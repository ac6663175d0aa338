import { useEffect, useState } from 'react'

export type Dropped = { readonly files: readonly File[]; readonly folders: number }

/**
 * Takes files that are dropped anywhere on the page: one that misses the drop zone would else replace the page.
 *
 * @returns Whether files are held over the page.
 */
export function useFileDrop(onDrop: (dropped: Dropped) => void): boolean {
  const [over, setOver] = useState(false)
  useEffect(() => {
    const undo = new AbortController()
    const listen = (type: 'dragover' | 'dragleave' | 'drop', listener: (event: DragEvent) => void): void =>
      window.addEventListener(type, listener, { signal: undo.signal })
    listen('dragover', (event) => setOver(accept(event)))
    // It is told of every element that is left; only at the window's edge there is nothing behind it.
    listen('dragleave', (event) => event.relatedTarget === null && setOver(false))
    listen('drop', (event) => {
      setOver(false)
      if (accept(event) && event.dataTransfer !== null) onDrop(read(event.dataTransfer))
    })
    return () => undo.abort()
  }, [onDrop])
  return over
}

function accept(event: DragEvent): boolean {
  const hasFiles = event.dataTransfer?.types.includes('Files') ?? false
  if (hasFiles) event.preventDefault()
  return hasFiles
}

/** A folder comes as a file that cannot be read. */
function read({ items }: DataTransfer): Dropped {
  const dropped = [...items].filter(({ kind }) => kind === 'file')
  const files = dropped.filter((item) => !item.webkitGetAsEntry()?.isDirectory)
  return {
    files: files.map((item) => item.getAsFile()).filter((file) => file !== null),
    folders: dropped.length - files.length,
  }
}
