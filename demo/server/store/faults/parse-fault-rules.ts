import { requestKinds } from '../protocol/operation.ts'
import type { FaultKind, FaultRule } from './fault-rule.ts'

/** What a field has to be. */
type Check = { readonly expected: string; readonly optional?: true; accepts(value: unknown): boolean }
type Shape = Readonly<Record<string, Check>>

const text: Check = { expected: 'a string', accepts: (value) => typeof value === 'string' }
const count: Check = { expected: 'a number of at least 0', accepts: (value) => isNumber(value) && value >= 0 }
const positive: Check = { expected: 'a number above 0', accepts: (value) => isNumber(value) && value > 0 }
const chance: Check = {
  expected: 'a number from 0 to 1',
  accepts: (value) => isNumber(value) && value >= 0 && value <= 1,
}
const pattern: Check = { expected: 'a regular expression', accepts: isPattern }

const ruleShape: Shape = {
  operation: oneOf(requestKinds),
  key: optional(text),
  keyPrefix: optional(text),
  keyPattern: optional(pattern),
  partNumber: optional(positive),
  signedBefore: optional(count),
  times: optional(positive),
  probability: optional(chance),
  overPerSecond: optional(positive),
  seed: optional(count),
  effect: { expected: 'an object', accepts: isObject },
}

const effectShapes: Readonly<Record<FaultKind, Shape>> = {
  status: {
    status: {
      expected: 'a status from 200 to 599',
      accepts: (value) => isNumber(value) && value >= 200 && value <= 599,
    },
    code: optional(text),
    retryAfter: optional({
      expected: 'seconds or a date',
      accepts: (value) => isNumber(value) || typeof value === 'string',
    }),
    when: optional(oneOf(['before-body', 'after-body'])),
  },
  cut: { afterBytes: optional(count) },
  'cut-answer': {},
  stall: { afterBytes: optional(count) },
  delay: { milliseconds: count },
  throttle: { bytesPerSecond: positive },
  expired: {},
  'error-in-200': { code: text },
  'late-body': { milliseconds: count },
  'hide-etag': {},
  corrupt: { how: oneOf(['flip-bit', 'truncate']) },
  'corrupt-on-the-way': {},
  'swap-parts': {
    numbers: {
      expected: 'two part numbers',
      accepts: (value) => Array.isArray(value) && value.length === 2 && value.every(positive.accepts),
    },
  },
}

/** Reads one rule or a list of them from JSON. Throws a TypeError that names the field. */
export function parseFaultRules(value: unknown): readonly FaultRule[] {
  const rules: readonly unknown[] = Array.isArray(value) ? value : [value]
  rules.forEach(checkRule)
  return rules as readonly FaultRule[]
}

function checkRule(rule: unknown): void {
  checkShape('rule', rule, ruleShape)
  const { effect } = rule as { readonly effect: Readonly<Record<string, unknown>> }
  const kinds = oneOf(Object.keys(effectShapes))
  checkField('effect.kind', effect['kind'], kinds)
  checkShape('effect', effect, { kind: kinds, ...effectShapes[effect['kind'] as FaultKind] })
}

function checkShape(name: string, value: unknown, shape: Shape): void {
  if (!isObject(value)) throw new TypeError(`${name}: expected an object, got ${JSON.stringify(value)}`)
  const unknown = Object.keys(value).find((field) => !(field in shape))
  if (unknown !== undefined) throw new TypeError(`${name}.${unknown}: there is no such field`)
  for (const [field, check] of Object.entries(shape)) checkField(`${name}.${field}`, value[field], check)
}

function checkField(name: string, value: unknown, check: Check): void {
  if (value === undefined && check.optional) return
  if (check.accepts(value)) return
  throw new TypeError(`${name}: expected ${check.expected}, got ${JSON.stringify(value)}`)
}

function optional(check: Check): Check {
  return { ...check, optional: true }
}

function oneOf(values: readonly string[]): Check {
  return { expected: `one of ${values.join(', ')}`, accepts: (value) => values.some((one) => one === value) }
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isPattern(value: unknown): boolean {
  try {
    return typeof value === 'string' && new RegExp(value, 'u').source !== ''
  } catch {
    return false
  }
}
