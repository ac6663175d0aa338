import { readFilled, readObject, readText, readWhole } from '../contract.ts'
import { readChoice } from '../read-choice.ts'
import type { FaultEffect, FaultKind, FaultRule, When } from './fault-rule.ts'

/** The names that a backend's rules may use. */
export type FaultTerms = {
  /** Each endpoint, with the effects that not all endpoints have. */
  readonly endpoints: ReadonlyMap<string, readonly FaultKind[]>
  readonly codes: readonly string[]
}

type Fields = Readonly<Record<string, unknown>>

const everywhere: readonly FaultKind[] = ['error', 'answer', 'delay', 'cut', 'cut-answer']
const count = { from: 1, to: Number.MAX_SAFE_INTEGER }

/** Reads one rule or a list of them from JSON. Throws a `ContractError` that names the field. */
export function readFaultRules(value: unknown, terms: FaultTerms): readonly FaultRule[] {
  const rules: readonly unknown[] = Array.isArray(value) ? value : [value]
  return rules.map((rule) => readRule(rule, terms))
}

function readRule(value: unknown, { endpoints, codes }: FaultTerms): FaultRule {
  const rule = readObject(value, 'rule', ['endpoint', 'times', 'effect'])
  const endpoint = readChoice(rule['endpoint'], 'endpoint', ['*', ...endpoints.keys()])
  const effect = readObject(rule['effect'], 'effect')
  const kind = readChoice(effect['kind'], 'effect.kind', [...everywhere, ...(endpoints.get(endpoint) ?? [])])
  const times = readWhole(rule['times'] ?? 1, 'times', count)
  return { endpoint, times, effect: readEffect(kind, effect, codes) }
}

function readEffect(kind: FaultKind, effect: Fields, codes: readonly string[]): FaultEffect {
  switch (kind) {
    case 'error':
      return readError(effect, codes)
    case 'answer':
      return readAnswer(effect)
    case 'delay':
      return readDelay(effect)
    default:
      readObject(effect, 'effect', ['kind'])
      return { kind }
  }
}

function readError(effect: Fields, codes: readonly string[]): FaultEffect {
  const { message, retryAfter } = readObject(effect, 'effect', [
    'kind',
    'code',
    'message',
    'retryAfter',
    'when',
  ])
  return {
    kind: 'error',
    code: readChoice(effect['code'], 'effect.code', codes),
    when: readWhen(effect),
    ...(message === undefined ? {} : { message: readText(message, 'effect.message') }),
    ...(retryAfter === undefined ? {} : { retryAfter: readRetryAfter(retryAfter) }),
  }
}

function readRetryAfter(value: unknown): number | string {
  if (typeof value === 'string') return readFilled(value, 'effect.retryAfter')
  return readWhole(value, 'effect.retryAfter', { from: 0, to: 86_400 })
}

function readAnswer(effect: Fields): FaultEffect {
  const { body, headers } = readObject(effect, 'effect', ['kind', 'status', 'body', 'headers', 'when'])
  return {
    kind: 'answer',
    status: readWhole(effect['status'], 'effect.status', { from: 200, to: 599 }),
    when: readWhen(effect),
    headers: readHeaders(headers ?? {}),
    ...(body === undefined ? {} : { body }),
  }
}

function readHeaders(value: unknown): Readonly<Record<string, string>> {
  const headers = Object.entries(readObject(value, 'effect.headers'))
  return Object.fromEntries(headers.map(([name, text]) => [name, readText(text, `effect.headers.${name}`)]))
}

function readDelay(effect: Fields): FaultEffect {
  readObject(effect, 'effect', ['kind', 'milliseconds'])
  const milliseconds = readWhole(effect['milliseconds'], 'effect.milliseconds', { from: 0, to: 600_000 })
  return { kind: 'delay', milliseconds }
}

function readWhen(effect: Fields): When {
  return readChoice(effect['when'] ?? 'before', 'effect.when', ['before', 'after'])
}
