/** `<longhaul-upload>`, for pages without a framework. Importing the module defines no element. */
import { UploadElement } from './upload-element.ts'

export type { UploadElementLabels, UploadElementTexts } from './labels.ts'
export { UploadElement, type UploadElementEvents, type UploadElementListening } from './upload-element.ts'

/**
 * Defines the element in the browser. Elements of that name that are already in the page are upgraded. Does nothing if the
 * name is already defined, or on a server.
 *
 * @param name The tag name of the element.
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
