/** `<longhaul-upload>`, for pages without a framework. Importing it defines nothing. */
import { UploadElement } from './upload-element.ts'

export type { UploadElementLabels, UploadElementTexts } from './labels.ts'
export { UploadElement, type UploadElementEvents, type UploadElementListening } from './upload-element.ts'

/**
 * Makes the element known to the browser; elements of that name that are in the page already come to life. Does nothing
 * the second time.
 *
 * @example
 * ```ts
 * import { defineUploadElement } from 'longhaul/element'
 *
 * defineUploadElement()
 * ```
 */
export function defineUploadElement(name = 'longhaul-upload'): void {
  if (customElements.get(name) === undefined) customElements.define(name, class extends UploadElement {})
}
