/** Reads a value that has to be one of several texts. */
import { ContractError } from './contract.ts'

export function readChoice<const T extends string>(value: unknown, name: string, choices: readonly T[]): T {
  const chosen = choices.find((choice) => choice === value)
  if (chosen !== undefined) return chosen
  const received = value === undefined ? 'nothing' : JSON.stringify(value)
  throw new ContractError(`Expected \`${name}\` to be one of ${choices.join(', ')}, got ${received}`)
}
