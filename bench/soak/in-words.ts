/** Pure: writes the report of a soak for people. */
import type { Bar, Tenth } from './judge.ts'
import type { Life, SoakReport } from './soak.ts'

const mebibyte = 1024 ** 2

export function inWords({ size, partSize, parts, lives, tenths, sink, bars }: SoakReport): string {
  const seconds = lives.reduce((sum, life) => sum + life.seconds, 0)
  const rate = size / mebibyte / seconds
  return [
    `${(size / 1024 ** 3).toFixed(1)} GiB in ${parts} parts of ${partSize} bytes: ${seconds.toFixed(0)} s, ${rate.toFixed(0)} MiB/s`,
    ...lives.map(lifeInWords),
    'tenths of the longest life: seconds, ms of main thread a part, MiB of the page, of the browser, of the heap',
    ...tenths.map(tenthInWords),
    `${sink.sealed} parts acknowledged before a kill; ${sink.resent} that were on their way came again`,
    ...sink.faults,
    ...bars.map(barInWords),
  ].join('\n')
}

function lifeInWords({ from, to, seconds, checkpoint }: Life): string {
  const found =
    checkpoint === undefined
      ? ''
      : `, after ${checkpoint.receipts} receipts (${checkpoint.size} bytes as JSON) were loaded in ${checkpoint.loadMs.toFixed(0)} ms`
  return `  parts ${from} to ${to} in ${seconds.toFixed(0)} s${found}`
}

function tenthInWords({ seconds, taskMsPerPart, page, browser, heap }: Tenth): string {
  const sizes = [page, browser, heap].map((bytes) => (bytes / mebibyte).toFixed(1).padStart(7))
  return `  ${seconds.toFixed(1).padStart(6)} ${taskMsPerPart.toFixed(2).padStart(6)} ${sizes.join(' ')}`
}

function barInWords({ what, value, atMost, holds }: Bar): string {
  return `${holds ? 'holds' : 'BROKEN'}: ${what}: ${Number(value.toFixed(3))}, at most ${atMost}`
}
