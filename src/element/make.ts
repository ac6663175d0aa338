/** An element of a part's name and with its text: text only, so that a file's name is never read as HTML. */
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

/** @param name What it acts on, for who does not see the line that it stands in. */
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
