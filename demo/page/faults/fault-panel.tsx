import type { ReactElement } from 'react'
import { Icon, type IconName } from '../icons.tsx'
import { type Faults, faultsClient, type Switch } from './faults-client.ts'
import { useFaults } from './use-faults.ts'

/** What a visitor can break while files are under way. */
export function FaultPanel(): ReactElement {
  const faults = useFaults()
  return (
    <section className="works" aria-labelledby="faults-heading" data-testid="faults">
      <div className="works-head">
        <h2 id="faults-heading">Break something</h2>
        <p className="hint">{about(faults)}</p>
      </div>
      <div className="faults">
        {toggles.map((toggle) => (
          <Toggle key={toggle.name} {...toggle} faults={faults} />
        ))}
        {faults.available !== false && <ExpireUrls faults={faults} />}
        <KillTab />
      </div>
      {faults.problem !== undefined && (
        <div className="note note-bad" role="alert">
          <Icon name="alert" />
          <p>The switch did not work: {faults.problem}</p>
        </div>
      )}
    </section>
  )
}

function about({ available }: Faults): string {
  return available === false
    ? 'The storage behind this page is a real one, which cannot be told to fail. Turn off your own network, or kill the tab.'
    : 'Try these during an upload. They act on the demo’s server, so they affect everyone who uses it. After ten minutes they switch off.'
}

type ToggleProps = {
  readonly name: Switch
  readonly icon: IconName
  readonly label: string
  readonly text: string
}

const toggles: readonly ToggleProps[] = [
  {
    name: 'unplugged',
    icon: 'unplug',
    label: 'Go offline',
    text: 'Server and storage drop every connection. Uploads pause, and resume when you switch this off.',
  },
  {
    name: 'cuts',
    icon: 'cut',
    label: 'Cut connections',
    text: 'About half of the PUTs are cut, on the way or when all is stored and only the answer is missing.',
  },
  {
    name: 'busy',
    icon: 'busy',
    label: '503s',
    text: 'The storage answers about half of the PUTs with 503 SlowDown, and asks to wait for a second.',
  },
  {
    name: 'slow',
    icon: 'slow',
    label: 'Slow network',
    text: 'The storage reads at most 1.5 MB/s from each connection.',
  },
]

function Toggle({
  name,
  icon,
  label,
  text,
  faults,
}: ToggleProps & { readonly faults: Faults }): ReactElement | null {
  if (faults.available === false) return null
  const isOn = faults.on.includes(name)
  return (
    <label className="fault" data-on={isOn}>
      <Icon name={icon} />
      <span className="fault-name">{label}</span>
      <input
        type="checkbox"
        role="switch"
        data-testid={`fault-${name}`}
        aria-describedby={`fault-${name}-text`}
        aria-label={label}
        checked={isOn}
        aria-checked={isOn}
        onChange={({ target }) => void faultsClient.turn(name, target.checked)}
      />
      <span className="fault-text" id={`fault-${name}-text`}>
        {text}
      </span>
      <Hits count={isOn ? faults.hits[name] : 0} />
    </label>
  )
}

/** For eyes only: a screen reader would never finish reading a number that changes every second. */
function Hits({ count }: { readonly count: number }): ReactElement | null {
  if (count === 0) return null
  return (
    <span className="fault-hits" aria-hidden="true">
      {count.toLocaleString('en')} {count === 1 ? 'request' : 'requests'} hit
    </span>
  )
}

function ExpireUrls({ faults }: { readonly faults: Faults }): ReactElement {
  return (
    <div className="fault">
      <Icon name="expired" />
      <span className="fault-name">Expired URLs</span>
      <button
        type="button"
        className="button button-small"
        data-testid="fault-expire-urls"
        aria-describedby="fault-expire-text"
        onClick={() => void faultsClient.expireUrls()}
      >
        Expire<span className="unseen"> all signed URLs</span>
      </button>
      <span className="fault-text" id="fault-expire-text">
        The storage answers 403 to every URL signed so far. The page has to ask for new ones.
      </span>
      <Hits count={faults.hits.expired} />
    </div>
  )
}

function KillTab(): ReactElement {
  return (
    <div className="fault">
      <Icon name="kill" />
      <span className="fault-name">Kill this tab</span>
      <button
        type="button"
        className="button button-small"
        data-testid="fault-kill"
        aria-describedby="fault-kill-text"
        onClick={() => location.reload()}
      >
        Kill<span className="unseen"> this tab</span>
      </button>
      <span className="fault-text" id="fault-kill-text">
        Reloads the page in the middle of everything. Nothing is saved on the way out: as after a crash, only
        stored parts count.
      </span>
    </div>
  )
}
