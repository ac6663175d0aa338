/** `<longhaul-upload>`, for pages without a framework. Importing it defines nothing. */
import { UploadElement } from './upload-element.ts'

export type { UploadElementLabels, UploadElementTexts } from './labels.ts'
export { UploadElement, type UploadElementEvents, type UploadElementListening } from './upload-element.ts'

/**
 * Makes the element known to the browser; elements of that name that are in the page already come to life. Does nothing
 * the second time, and nothing on a server, which renders modules that call it.
 *
 * @example
 * ```ts
 * import { defineUploadElement } from 'longhaul/element'
 *
 * defineUploadElement()
 * ```
 */
export function defineUploadElement(name = 'longhaul-upload'): void {
  const registry: CustomElementRegistry | undefined = globalThis.customElements
  if (registry?.get(name) === undefined) registry?.define(name, class extends UploadElement {})
}
