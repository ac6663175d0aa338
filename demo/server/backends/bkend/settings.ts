import { readObject } from '../contract.ts'
import { readChoice } from '../read-choice.ts'

/** Where the vendor's pages differ among themselves, a server has to be both. */
export type Settings = {
  /** The bare object of the reference, or `{ success, data }`, as the official examples take it apart. */
  readonly answers: 'bare' | 'wrapped'
  /** `{ success, error: { code, message } }` or `{ statusCode, error, message }`. */
  readonly errors: 'nested' | 'flat'
}

export const defaults: Settings = { answers: 'bare', errors: 'nested' }

/** @returns `settings` with what the body changes of them. */
export function readSettings(body: unknown, settings: Settings): Settings {
  const fields = readObject(body, 'the settings', ['answers', 'errors'])
  return {
    answers: readChoice(fields['answers'] ?? settings.answers, 'answers', ['bare', 'wrapped']),
    errors: readChoice(fields['errors'] ?? settings.errors, 'errors', ['nested', 'flat']),
  }
}
