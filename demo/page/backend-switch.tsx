import type { ReactElement } from 'react'
import { backends, chooseBackend, useBackend } from './backend.ts'

/** Radio buttons, so that the arrow keys move among them and a screen reader counts them. */
export function BackendSwitch(): ReactElement {
  const current = useBackend()
  return (
    <fieldset className="backend-switch" data-testid="backend" data-backend={current.name}>
      <legend>Server</legend>
      <div className="backend-choices">
        {backends.map((backend) => (
          <label key={backend.name}>
            <input
              type="radio"
              name="backend"
              className="unseen"
              value={backend.name}
              checked={backend === current}
              aria-describedby="backend-about"
              onChange={() => chooseBackend(backend)}
            />
            <span>{backend.label}</span>
          </label>
        ))}
      </div>
      <p id="backend-about" className="hint">
        {current.about}
      </p>
    </fieldset>
  )
}
