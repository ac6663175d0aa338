/** What the compiler knows about the element's events. Not run: `npm run types` fails if a line is wrong. */
import type { UploadElement } from 'longhaul/element'

export function listen(element: UploadElement): void {
  element.addEventListener('done', ({ detail }) => detail.result.key satisfies string, { once: true })
  element.addEventListener('failed', ({ detail: { error } }) => error.code === 'http' && error.status)
  element.addEventListener('click', ({ clientX }) => clientX satisfies number)
  element.addEventListener('of-the-page', (event) => event satisfies Event)
  // @ts-expect-error What is done has not failed.
  element.addEventListener('done', ({ detail }) => detail.error)
  const found = document.querySelector('longhaul-upload')
  found?.removeEventListener('refused', ({ detail }) => detail.name satisfies string)
}

/** As templates set them. */
export function set(element: UploadElement): void {
  element.disabled = undefined
  element.maxSize = null
  element.params = { album: 42 }
  element.accept satisfies string
  // @ts-expect-error It is a number of bytes.
  element.maxSize = '5 MB'
}
