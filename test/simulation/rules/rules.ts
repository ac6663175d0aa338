/** The rules that must hold in every history, whatever happens. Their words are those of docs/reliability.md. */
export const rules = {
  content: 'the object is the file, byte for byte',
  twice: 'no acknowledged part is sent twice',
  falls: 'confirmed never falls within a session',
  flight: 'everything shown as on its way is on its way',
  ends: 'once faults stop, every upload ends',
  quiet: 'nothing runs after the end',
  exclusive: 'complete and cancel exclude each other',
  again: 'a completed upload does not start over',
  owner: 'one page at a time sends the parts of a file',
  lock: "only the holder of an upload's lock changes its records",
  buried: 'a session to be thrown away is neither resumed nor forgotten',
  gaps: 'complete names every part',
  learns: 'after the server has refused to complete, the upload asks it what is stored',
  after: 'nothing is sent after complete or abort',
  first: 'the checkpoint is stored before the first byte leaves',
  receipts: 'a part that the storage has not acknowledged gets no receipt and is not completed',
  expired: 'a URL that is known to have expired is not used',
  stops: 'an upload that is paused, cancelled or refused for good sends nothing more',
  width: 'no more parts and cancels are on their way than their queues allow',
  freeze: 'cancelling very many uploads does not freeze their page',
  mute: 'only a storage that does not answer is given up, and it is waited for once',
  patience: 'Retry-After is obeyed',
  budget: 'a dead server gets a bounded number of requests',
  refresh: 'one refresh of a token at a time',
  attempts: 'a request that may be retried is retried, as often as the options say and no more',
  causes: 'an upload fails only because of something that happened to it',
  secrets: 'no URL is stored',
  changed: 'changed content is noticed if its proof is stored',
  mixed: 'a session is given up if nothing shows that its parts are of this file',
  remains: 'no session and no checkpoint is left behind',
  contract: "no request breaks a server's contract",
  unhandled: 'no rejection goes unhandled',
} as const

export type Rule = keyof typeof rules

export type Violation = { readonly rule: Rule; readonly detail: string }

/** Called by a rule that is broken. The first violation counts. */
export type Violate = (rule: Rule, detail: string) => void
