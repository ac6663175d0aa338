/**
 * A button that goes with its row takes the keyboard's place on the page along. The heading of the list gets it, once
 * the list is as it will be.
 */
export function focusSoon(heading: 'uploads-heading' | 'earlier-heading'): void {
  requestAnimationFrame(() => document.getElementById(heading)?.focus())
}
