/** What must hold in every history, whatever happens in it. The words are those of docs/reliability.md. */
export const rules = {
  content: 'the object is the file, byte for byte',
  twice: 'no acknowledged part is sent twice',
  falls: 'confirmed never falls within a session',
  ends: 'once faults stop, every upload ends',
  quiet: 'nothing runs after the end',
  exclusive: 'complete and cancel exclude each other',
  owner: 'one page at a time sends the parts of a file',
  gaps: 'complete names every part',
  after: 'nothing is sent after complete or abort',
  first: 'the checkpoint is kept before the first byte leaves',
  receipts: 'a receipt is kept only of what the storage has acknowledged',
  expired: 'a URL that is known to have expired is not used',
  width: 'no more parts are on their way than the queue allows',
  patience: 'Retry-After is waited for',
  budget: 'a dead server gets a bounded number of requests',
  refresh: 'one refresh of a token at a time',
  attempts: 'what may be tried again is, before an upload fails',
  secrets: 'no URL is kept',
  changed: 'changed content is noticed where a proof of it is kept',
  remains: 'no session and no checkpoint is left behind',
  unhandled: 'no rejection is left to nobody',
} as const

export type Rule = keyof typeof rules

export type Violation = { readonly rule: Rule; readonly detail: string }

/** Called by a rule that is broken. The first one counts. */
export type Violate = (rule: Rule, detail: string) => void
