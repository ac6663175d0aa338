/** Asks the browser how large a picture is. */
import type { PictureSize } from './ports.ts'

/** Milliseconds. A size that is not known by then is left out. */
const patience = 5_000

/**
 * The size in pixels that an `<img>` of the file would have; `undefined` if it is no picture that the browser knows, or
 * if there is no page. Only its header is needed, so nothing of the file is held. Never rejects.
 */
export async function pictureSize(file: Blob): Promise<PictureSize | undefined> {
  if (!file.type.startsWith('image/') || typeof Image === 'undefined') return undefined
  const url = URL.createObjectURL(file)
  const image = new Image()
  let timer: ReturnType<typeof setTimeout> | undefined
  return new Promise<PictureSize | undefined>((resolve) => {
    image.onload = () => resolve(sizeOf(image))
    image.onerror = () => resolve(undefined)
    timer = setTimeout(() => resolve(undefined), patience)
    image.src = url
  }).finally(() => {
    clearTimeout(timer)
    image.src = ''
    URL.revokeObjectURL(url)
  })
}

/** Pictures without a size of their own, such as some SVGs, have 0. */
function sizeOf({ naturalWidth: width, naturalHeight: height }: HTMLImageElement): PictureSize | undefined {
  return width > 0 && height > 0 ? { width, height } : undefined
}
