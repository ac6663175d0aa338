/** Makes an element with a part name and a text. It is set as text, so that a file's name is never read as HTML. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  part = '',
  text = '',
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag)
  if (part !== '') element.setAttribute('part', part)
  element.textContent = text
  return element
}

/** @param name The file that the button acts on, for screen readers. */
export function relabel(button: HTMLButtonElement, label: string, name: string): void {
  button.textContent = label
  button.setAttribute('aria-label', `${label}: ${name}`)
}

export function makeButton(part: string, onClick: () => void): HTMLButtonElement {
  const button = make('button', `button ${part}`)
  button.type = 'button'
  button.addEventListener('click', onClick)
  return button
}
