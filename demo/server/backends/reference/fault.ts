import { expected, readFilled, readObject, readWhole } from '../contract.ts'
import { readOneOf, readOptional } from '../contract-values.ts'

/** Whether the request is served before its answer is replaced, or not at all. */
type When = 'before' | 'after'

/** One way to misbehave. */
export type FaultEffect =
  /** One of the errors that the contract documents, with its status and in its shape. */
  | {
      readonly kind: 'error'
      readonly code: string
      readonly message?: string
      /** Seconds, or an HTTP date. */
      readonly retryAfter?: number | string
      /** Default: 'before' */
      readonly when?: When
    }
  /** Any answer at all, JSON or text. */
  | {
      readonly kind: 'answer'
      readonly status: number
      /** A string is sent as it is, anything else as JSON. Default: no body */
      readonly body?: unknown
      readonly headers?: Readonly<Record<string, string>>
      /** Default: 'before' */
      readonly when?: When
    }
  /** Waits, and only then does what was asked. */
  | { readonly kind: 'delay'; readonly milliseconds: number }
  /** Cuts the connection; nothing is done. */
  | { readonly kind: 'cut' }
  /** Does what was asked, and then cuts the connection instead of answering. */
  | { readonly kind: 'cut-answer' }

/** What is to happen to the next requests to an endpoint. Of the rules that fit a request, the first one fires. */
export type FaultRule = {
  /** Method and path as the contract has them, such as `POST /uploads`; `*` is all of them. */
  readonly endpoint: string
  /**
   * How often it still fires. Chromium by itself repeats a request on a kept connection that is cut without an answer:
   * what a page is to see of a cut has to fire twice. Default: 1
   */
  readonly times?: number
  readonly effect: FaultEffect
}

/** What a backend has that rules can name. */
export type FaultTerms = { readonly endpoints: readonly string[]; readonly codes: readonly string[] }

const kinds = ['error', 'answer', 'delay', 'cut', 'cut-answer'] as const
const whens = ['before', 'after'] as const

/** From JSON: one rule or a list of them. Throws a `ContractError` that names the field. */
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
