import { type ReactElement, useEffect, useRef } from 'react'
import type { PartCounts } from './parts-board.ts'
import { drawParts } from './parts-canvas.ts'
import type { UploadEntry } from './upload-entry.ts'
import { usePartCount } from './use-upload.ts'

type PartsMapProps = { readonly entry: UploadEntry; readonly counts: PartCounts }

/**
 * One cell for each part. A single part needs no map, because the bar shows it. The canvas is for eyes only: the line
 * below it says the same.
 */
export function PartsMap({ entry, counts }: PartsMapProps): ReactElement | null {
  const canvas = useRef<HTMLCanvasElement>(null)
  const count = usePartCount(entry.board)
  const hasMap = count > 1
  useEffect(() => {
    return hasMap && canvas.current ? drawParts(canvas.current, entry.board) : undefined
  }, [entry, hasMap])
  if (count === 0) return null
  return (
    <figure className="parts">
      {hasMap && (
        <div aria-hidden="true">
          <canvas ref={canvas} />
        </div>
      )}
      <figcaption data-testid="parts">{inWords(counts)}</figcaption>
    </figure>
  )
}

function inWords({ stored, total, sending }: PartCounts): string {
  const parts = total === 1 ? 'part' : 'parts'
  const way = sending > 0 ? `, ${sending} on the way` : ''
  return `${stored.toLocaleString('en')} of ${total.toLocaleString('en')} ${parts} stored${way}`
}
