/**
 * Lists every line of the five contracts with the tests that meet it:
 *
 *     npm run contract -- --list   all lines, with `uncovered` if there is no test
 *     npm run contract             only the uncovered lines, and how many there are
 *
 * It runs the tests of the reference servers, and of the library against them, and prints what they met. So a line that no
 * test has met cannot be claimed.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ContractList } from '../test/demo/contract/contract-list.ts'
import { contracts } from '../test/demo/contract/contracts.ts'
import { whyNotUsed } from '../test/demo/contract/not-used.ts'
import { type Row, rowsOf, type Side } from '../test/demo/contract/rows.ts'
import type { Meeting } from '../test/demo/reference/record.ts'

type Line = { readonly contract: ContractList; readonly row: Row }

const directory = mkdtempSync(join(tmpdir(), 'longhaul-contract-'))
const tests = runTests(join(directory, 'met'))
rmSync(directory, { recursive: true })

const lines = contracts.flatMap((contract) => rowsOf(contract).map((row) => ({ contract, row })))
const uncovered = lines.filter((line) => inWords(line).includes('uncovered'))
for (const line of process.argv.includes('--list') ? lines : uncovered) console.log(inWords(line))
console.log(`${lines.length} lines, ${uncovered.length} of them uncovered`)
if (uncovered.length > 0) process.exitCode = 1

/** @returns The first test that met each line. */
function runTests(record: string): ReadonlyMap<string, string> {
  const command = ['vitest', 'run', '--project', 'servers', '--reporter=dot', 'test/demo', 'test/contract']
  const environment = { ...process.env, CONTRACT_RECORD: record }
  const { status, stdout, stderr } = spawnSync('npx', command, { env: environment, encoding: 'utf8' })
  if (status !== 0) {
    console.error(`${stdout}${stderr}\nTests failed, so this record of what they covered proves nothing.`)
    process.exitCode = 1
  }
  const met = readFileSync(record, 'utf8').trimEnd().split('\n')
  const meetings = met.map((line) => JSON.parse(line) as Meeting).reverse()
  return new Map(meetings.map(({ contract, side, row, test }) => [keyOf(contract, side, row), test]))
}

function inWords({ contract, row }: Line): string {
  const shown = row.sides.map((side) => `${side}: ${coverOf(contract, side, row)}`)
  return `${contract.name}  ${row.name}${originOf(contract, row)}  <-  ${shown.join('  |  ')}`
}

function coverOf(contract: ContractList, side: Side, { name }: Row): string {
  const test = tests.get(keyOf(contract.name, side, name))
  const reason = side === 'client' ? whyNotUsed(contract, name) : undefined
  return test ?? (reason === undefined ? 'uncovered' : `not used, ${reason}`)
}

/** Marks lines that the contract's document itself does not have. */
function originOf({ found, assumed }: ContractList, { name }: Row): string {
  if (found.includes(name)) return ' (found)'
  return assumed.includes(name) ? ' (assumed)' : ''
}

function keyOf(contract: string, side: Side, row: string): string {
  return [contract, side, row].join('\n')
}
