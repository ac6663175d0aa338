/** Milliseconds. Lists are told once a frame, and that may be the next one. */
const frames = 50

/**
 * A button that disappears with its row takes the keyboard focus along. The list's heading gets the focus, once the
 * list has been drawn. If the heading disappeared with the last row, the button that begins another list gets it.
 */
export function focusSoon(heading: 'uploads-heading' | 'earlier-heading'): void {
  const focus = (): void =>
    (document.getElementById(heading) ?? document.getElementById('choose-files'))?.focus()
  setTimeout(focus, frames)
}
