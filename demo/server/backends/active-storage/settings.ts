import { ContractError, readFilled, readObject } from '../contract.ts'
import { readChoice } from '../read-choice.ts'

const validations = ['list', 'named-list', 'text'] as const

export type Settings = {
  /** In which form the vendor's 422 says what is wrong. */
  readonly validation: (typeof validations)[number]
  /** Origins whose pages may call the Rails endpoint, besides its own. For example `https://app.example`. */
  readonly origins: readonly string[]
}

export const defaults: Settings = { validation: 'list', origins: [] }

/** @returns `settings` with the changes from the body. */
export function readSettings(body: unknown, settings: Settings): Settings {
  const fields = readObject(body, 'the settings', ['validation', 'origins'])
  return {
    validation: readChoice(fields['validation'] ?? settings.validation, 'validation', validations),
    origins: readOrigins(fields['origins'] ?? settings.origins),
  }
}

function readOrigins(value: unknown): readonly string[] {
  if (!Array.isArray(value)) throw new ContractError('Expected `origins` to be a list')
  return value.map((one: unknown, index) => readFilled(one, `origins[${index}]`))
}
