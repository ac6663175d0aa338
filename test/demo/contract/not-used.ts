/** What the contracts have and the library has no use for, with the reason. */
import type { ContractList } from './contract-list.ts'

/** By the contract's name, and the lines of `rowsOf`. */
const notUsed: Readonly<Record<string, Readonly<Record<string, string>>>> = {}

/** @returns `undefined` for a line that the library has to meet. */
export function whyNotUsed({ name }: ContractList, row: string): string | undefined {
  const [route = ''] = row.split(' with ')
  const reasons = notUsed[name] ?? {}
  return reasons[row] ?? reasons[route]
}
