/** The rules that must hold in every history, whatever happens. Their words are those of docs/reliability.md. */
export const rules = {
  content: 'the object is the file, byte for byte',
  twice: 'no acknowledged part is sent twice',
  falls: 'confirmed never falls within a session',
  flight: 'what is shown as on its way is on its way',
  ends: 'once faults stop, every upload ends',
  quiet: 'nothing runs after the end',
  exclusive: 'complete and cancel exclude each other',
  again: 'what has been completed is not begun again',
  owner: 'one page at a time sends the parts of a file',
  lock: 'nobody but the holder of its lock changes what is kept of an upload',
  buried: 'a session that is to be thrown away is neither gone on with nor forgotten',
  gaps: 'complete names every part',
  learns: 'what the server has refused to complete is looked into',
  after: 'nothing is sent after complete or abort',
  first: 'the checkpoint is kept before the first byte leaves',
  receipts: 'nothing is kept or completed that the storage has not acknowledged',
  expired: 'a URL that is known to have expired is not used',
  stops: 'what is paused, cancelled or refused for good sends nothing more',
  width: 'no more parts and cancels are on their way than their queues allow',
  freeze: 'very many that are cancelled do not freeze their page',
  mute: 'a storage is given up that is mute, and no other, and is waited for once',
  patience: 'Retry-After is waited for',
  budget: 'a dead server gets a bounded number of requests',
  refresh: 'one refresh of a token at a time',
  attempts: 'what may be tried again is, as often as the options say and no oftener',
  causes: 'an upload fails only of what the world has done to it',
  secrets: 'no URL is kept',
  changed: 'changed content is noticed where a proof of it is kept',
  mixed: 'a session is given up where nothing shows that its parts are of this file',
  remains: 'no session and no checkpoint is left behind',
  contract: 'a server is asked nothing that its contract forbids',
  unhandled: 'no rejection is left to nobody',
} as const

export type Rule = keyof typeof rules

export type Violation = { readonly rule: Rule; readonly detail: string }

/** Called by a rule that is broken. The first violation counts. */
export type Violate = (rule: Rule, detail: string) => void
