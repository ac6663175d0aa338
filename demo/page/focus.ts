/** Milliseconds: lists are told once a frame, which may be the next one. */
const frames = 50

/**
 * A button that goes with its row takes the keyboard's place on the page along. The heading of the list gets it, once
 * the list is as it will be, or what begins another list where the heading went with the last row.
 */
export function focusSoon(heading: 'uploads-heading' | 'earlier-heading'): void {
  const focus = (): void =>
    (document.getElementById(heading) ?? document.getElementById('choose-files'))?.focus()
  setTimeout(focus, frames)
}
