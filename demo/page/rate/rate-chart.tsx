import { type ReactElement, useSyncExternalStore } from 'react'
import { rate } from '../format.ts'
import { rateHistory } from './rate-history.ts'
import { figures, height, plot, reach } from './rate-plot.ts'

/** The last two minutes. The drawing is for eyes only; the figures below say what it shows. */
export function RateChart(): ReactElement {
  const samples = useSyncExternalStore(rateHistory.changes.subscribe, rateHistory.view)
  const { line, area, bands, top } = plot(samples)
  const { now, highest, average } = figures(samples)
  const isEmpty = samples.length === 0
  return (
    <figure className="rate" data-testid="rate-chart" data-samples={samples.length}>
      <div className="rate-plot">
        <svg
          viewBox={`0 0 ${reach} ${height}`}
          preserveAspectRatio="none"
          aria-hidden="true"
          focusable="false"
        >
          {bands.map(({ x, width }) => (
            <rect key={x} className="rate-band" x={x} y="0" width={width} height={height} />
          ))}
          <path className="rate-grid" d={`M0 0H${reach}M0 ${height / 2}H${reach}`} />
          <path className="rate-area" d={area} />
          <path className="rate-line" d={line} />
        </svg>
        <span className="rate-top" aria-hidden="true">
          {isEmpty ? '' : rate(top)}
        </span>
      </div>
      <figcaption>
        <dl className="rate-figures">
          <Figure name="Rate now" value={rate(now)} />
          <Figure name="Highest" value={rate(highest)} />
          <Figure name="Average" value={rate(average)} />
        </dl>
        <span className="rate-legend">The last two minutes, shaded where a fault was on</span>
      </figcaption>
    </figure>
  )
}

function Figure({ name, value }: { readonly name: string; readonly value: string }): ReactElement {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  )
}
