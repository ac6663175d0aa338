/** Records for `npm run contract` which test has met which row of a contract, in a file that the environment names. */
import { appendFileSync } from 'node:fs'
import { relative } from 'node:path'
import { expect } from 'vitest'
import type { Side } from '../contract/rows.ts'

export type Meeting = {
  readonly contract: string
  readonly side: Side
  readonly row: string
  readonly test: string
}

const file = process.env['CONTRACT_RECORD']

export function record(meeting: Omit<Meeting, 'test'>): void {
  if (file === undefined) return
  const { testPath = '', currentTestName = 'set-up' } = expect.getState()
  const test = `${relative(process.cwd(), testPath)} › ${currentTestName.replaceAll('\n', ' ')}`
  appendFileSync(file, `${JSON.stringify({ ...meeting, test })}\n`)
}
