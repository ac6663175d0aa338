/**
 * Colours have a contrast of at least 4.5 to 1 for text and 3 to 1 for the bar (WCAG 2.2), in both themes. Lines that are
 * out of sight are not laid out, because with thousands every frame would take a second. This clips everything at a line's
 * edges, so focus rings need a margin.
 */
export const styles = `
:host {
  --_text: var(--longhaul-text, light-dark(#1b1f24, #e8eaed));
  --_muted: var(--longhaul-muted, light-dark(#57606a, #a6adb7));
  --_surface: var(--longhaul-surface, light-dark(#ffffff, #16191d));
  --_border: var(--longhaul-border, light-dark(#868e99, #747c87));
  --_accent: var(--longhaul-accent, light-dark(#1a5fd0, #84b3ff));
  --_sending: var(--longhaul-sending, light-dark(#7fa9ea, #4a6ea8));
  --_waiting: var(--longhaul-waiting, light-dark(#e3e6ea, #30353c));
  --_bad: var(--longhaul-bad, light-dark(#b3261e, #ff9d94));
  --_radius: var(--longhaul-radius, 8px);
  display: block;
  color: var(--_text);
  background: var(--_surface);
  font: inherit;
}
:host([hidden]), [hidden] { display: none; }
[part~='zone'] {
  display: flex; flex-wrap: wrap; gap: 12px; align-items: center; justify-content: space-between;
  padding: 20px; border: 2px dashed var(--_border); border-radius: var(--_radius);
}
[part~='over'] { border-color: var(--_accent); border-style: solid; }
[part~='disabled'] { color: var(--_muted); border-color: var(--_waiting); }
p, h2, ul { margin: 0; padding: 0; }
h2 { margin-top: 16px; font-size: 1em; }
ul { list-style: none; }
li {
  display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 6px 12px; align-items: center;
  padding: 12px 0; border-bottom: 1px solid var(--_waiting);
  content-visibility: auto; contain-intrinsic-block-size: auto 58px;
}
[part~='name'] { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font-weight: 600; }
[part~='state'] { color: var(--_muted); }
:is([part~='name'], [part~='state'], [part~='error']) { unicode-bidi: plaintext; text-align: -webkit-match-parent; text-align: match-parent; }
[part~='error'] { grid-column: 1 / -1; color: var(--_bad); overflow-wrap: anywhere; }
[part~='error'] span { display: block; }
[part~='error']:empty { display: none; }
[part~='actions'] { grid-column: 2; grid-row: 1 / span 2; display: flex; flex-wrap: wrap; gap: 8px; margin: 0 4px; }
ul { container-type: inline-size; }
@container (width < 32em) { [part~='actions'] { grid-column: 1 / -1; grid-row: auto; } }
[part~='progress'] {
  grid-column: 1 / -1; position: relative; height: 8px; overflow: hidden;
  border-radius: 4px; background: var(--_waiting); outline: 1px solid var(--_border); outline-offset: -1px;
}
[part~='confirmed'], [part~='in-flight'] { position: absolute; inset: 0; transform-origin: 0 50%; transform: scaleX(0); }
[part~='confirmed'] { background: var(--_accent); }
[part~='in-flight'] { background: var(--_sending); }
:host(:dir(rtl)) :is([part~='confirmed'], [part~='in-flight']) { transform-origin: 100% 50%; }
[part~='parts'] { grid-column: 1 / -1; height: 4px; border-radius: 2px; }
[part~='parts']:dir(rtl) { transform: scaleX(-1); }
[part~='button'] {
  font: inherit; color: var(--_text); background: transparent; min-height: 32px; padding: 4px 12px;
  border: 1px solid var(--_border); border-radius: var(--_radius); cursor: pointer;
}
[part~='button']:disabled { color: var(--_muted); border-color: var(--_waiting); cursor: not-allowed; }
[part~='button']:focus-visible { outline: 2px solid var(--_accent); outline-offset: 2px; }
[part~='status'] { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (prefers-reduced-motion: no-preference) {
  [part~='confirmed'], [part~='in-flight'] { transition: transform 0.15s linear; }
}
@media (forced-colors: active) {
  :is([part~='confirmed'], [part~='in-flight']) { background: Highlight; forced-color-adjust: none; }
  [part~='in-flight'] { opacity: 0.5; }
  [part~='parts'] { display: none; }
}
`
