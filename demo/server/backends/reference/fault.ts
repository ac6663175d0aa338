import { expected, readFilled, readObject, readWhole } from '../contract.ts'
import { readOneOf, readOptional } from '../contract-values.ts'

/** Whether the request is served before its answer is replaced, or not at all. */
type When = 'before' | 'after'

/** One way to misbehave. */
export type FaultEffect =
  /** One of the contract's documented errors, with its status and form. */
  | {
      readonly kind: 'error'
      readonly code: string
      readonly message?: string
      /** Seconds, or an HTTP date. */
      readonly retryAfter?: number | string
      /** Default: 'before' */
      readonly when?: When
    }
  /** Any answer, JSON or text. */
  | {
      readonly kind: 'answer'
      readonly status: number
      /** A string is sent as it is, anything else as JSON. Default: no body */
      readonly body?: unknown
      readonly headers?: Readonly<Record<string, string>>
      /** Default: 'before' */
      readonly when?: When
    }
  /** Waits, and then carries out the request. */
  | { readonly kind: 'delay'; readonly milliseconds: number }
  /** Cuts the connection; nothing is done. */
  | { readonly kind: 'cut' }
  /** Carries out the request, and then cuts the connection instead of answering. */
  | { readonly kind: 'cut-answer' }

/** What happens to the next requests to an endpoint. Of the rules that fit a request, the first one fires. */
export type FaultRule = {
  /** Method and path as in the contract, such as `POST /uploads`; `*` for all of them. */
  readonly endpoint: string
  /**
   * How often it still fires. Chromium repeats by itself a request whose kept connection is cut without an answer, so a
   * cut has to fire twice before a page sees it. Default: 1
   */
  readonly times?: number
  readonly effect: FaultEffect
}

/** The names that a backend's rules may use. */
export type FaultTerms = { readonly endpoints: readonly string[]; readonly codes: readonly string[] }

const kinds = ['error', 'answer', 'delay', 'cut', 'cut-answer'] as const
const whens = ['before', 'after'] as const

/** Reads one rule or a list of them from JSON. Throws a `ContractError` that names the field. */
export function readFaultRules(value: unknown, terms: FaultTerms): readonly FaultRule[] {
  const rules: readonly unknown[] = Array.isArray(value) ? value : [value]
  return rules.map((rule) => readRule(rule, terms))
}

function readRule(value: unknown, terms: FaultTerms): FaultRule {
  const rule = readObject(value, 'rule', ['endpoint', 'times', 'effect'])
  return {
    endpoint: readOneOf(rule['endpoint'], 'endpoint', ['*', ...terms.endpoints]),
    times: readOptional(rule['times'], 'times', readCount) ?? 1,
    effect: readEffect(rule['effect'], terms.codes),
  }
}

function readEffect(value: unknown, codes: readonly string[]): FaultEffect {
  const kind = readOneOf(readObject(value, 'effect')['kind'], 'effect.kind', kinds)
  switch (kind) {
    case 'error':
      return readError(value, codes)
    case 'answer':
      return readAnswer(value)
    case 'delay': {
      const { milliseconds } = readObject(value, 'effect', ['kind', 'milliseconds'])
      return { kind, milliseconds: readWhole(milliseconds, 'milliseconds', { from: 0, to: 600_000 }) }
    }
    default:
      readObject(value, 'effect', ['kind'])
      return { kind }
  }
}

function readError(value: unknown, codes: readonly string[]): FaultEffect {
  const effect = readObject(value, 'effect', ['kind', 'code', 'message', 'retryAfter', 'when'])
  const message = readOptional(effect['message'], 'message', readFilled)
  const retryAfter = readOptional(effect['retryAfter'], 'retryAfter', readRetryAfter)
  return {
    kind: 'error',
    code: readOneOf(effect['code'], 'code', codes),
    when: readWhen(effect['when']),
    ...(message !== undefined && { message }),
    ...(retryAfter !== undefined && { retryAfter }),
  }
}

function readAnswer(value: unknown): FaultEffect {
  const effect = readObject(value, 'effect', ['kind', 'status', 'body', 'headers', 'when'])
  return {
    kind: 'answer',
    status: readWhole(effect['status'], 'status', { from: 200, to: 599 }),
    when: readWhen(effect['when']),
    headers: readOptional(effect['headers'], 'headers', readHeaders) ?? {},
    ...('body' in effect && { body: effect['body'] }),
  }
}

function readHeaders(value: unknown, name: string): Readonly<Record<string, string>> {
  const read = Object.entries(readObject(value, name)).map(([header, text]) => [
    header,
    readFilled(text, `${name}.${header}`),
  ])
  return Object.fromEntries(read)
}

function readWhen(value: unknown): When {
  return readOptional(value, 'when', (given, name) => readOneOf(given, name, whens)) ?? 'before'
}

function readRetryAfter(value: unknown, name: string): number | string {
  if (typeof value === 'number' || typeof value === 'string') return value
  throw expected(name, 'seconds or a date', value)
}

function readCount(value: unknown, name: string): number {
  return readWhole(value, name, { from: 1, to: Number.MAX_SAFE_INTEGER })
}
