import { readObject } from '../contract.ts'
import { readChoice } from '../read-choice.ts'

/** Where the vendor's pages contradict each other, the server can behave in both ways. */
export type Settings = {
  /** The reference's bare object, or the `{ success, data }` that the official examples unwrap. */
  readonly answers: 'bare' | 'wrapped'
  /** `{ success, error: { code, message } }` or `{ statusCode, error, message }`. */
  readonly errors: 'nested' | 'flat'
}

export const defaults: Settings = { answers: 'bare', errors: 'nested' }

/** @returns `settings` with the changes from the body. */
export function readSettings(body: unknown, settings: Settings): Settings {
  const fields = readObject(body, 'the settings', ['answers', 'errors'])
  return {
    answers: readChoice(fields['answers'] ?? settings.answers, 'answers', ['bare', 'wrapped']),
    errors: readChoice(fields['errors'] ?? settings.errors, 'errors', ['nested', 'flat']),
  }
}
