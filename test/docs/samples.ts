/**
 * The samples of the documents, as modules that can be compiled. A sample is a fence of `ts`, `tsx` or `js`, or a script inside a
 * fence of `html`. The comment above a fence may say
 *
 * - `given: file, type Upload`: the names that a fragment imports from docs/examples/given.ts;
 * - `not compiled: …`: the reason why it is not compiled, which the document must tell its readers as well.
 */

export type Sample = {
  /** Such as docs/react.md:5. */
  readonly name: string
  readonly extension: 'ts' | 'tsx' | 'js'
  /** Padded with empty lines, so that errors have the line numbers of the document. */
  readonly text: string
  /** The reason why it is not compiled; `undefined` if it is compiled. */
  readonly notCompiled: string | undefined
}

const fence = /^(?:<!-- (given|not compiled): (.*) -->\n)?```(ts|tsx|js|html)\n([\s\S]*?)^```$/gm
const script = /<script([^>]*)>\n([\s\S]*?)<\/script>/g
/** The global that the script-tag build creates in the page. */
const fromScriptTag = "import * as longhaul from 'longhaul'"

export function samplesOf(document: string, markdown: string): readonly Sample[] {
  return [...markdown.matchAll(fence)].flatMap((match) => {
    const [all, word, note = '', extension = '', code = ''] = match
    const prelude = word === 'given' ? `import { ${note} } from './given.ts'` : ''
    const start = match.index + all.indexOf(code, all.indexOf('```'))
    const notCompiled = word === 'not compiled' ? note : undefined
    const at = { document, markdown, prelude, notCompiled }
    if (extension === 'html')
      return scriptsIn(code, start).map((one) => sample({ ...at, ...one }, 'js', one.code))
    return [sample({ ...at, start }, extension as Sample['extension'], code)]
  })
}

const docstringFence = /^ *\* ```(ts|tsx)\n((?: *\*.*\n)*?) *\* ```$/gm
const words = /[A-Za-z_$][\w$]*/g

/**
 * The examples in a source file's docstrings, which editors and the API reference show.
 *
 * @param given Names that an example may take for granted, each with the line of code that it comes from.
 */
export function docstringSamplesOf(
  path: string,
  source: string,
  given: ReadonlyMap<string, string>,
): readonly Sample[] {
  return [...source.matchAll(docstringFence)].map((match) => {
    const [, extension = '', body = ''] = match
    const code = body.replace(/^ *\* ?/gm, '')
    const line = source.slice(0, match.index).split('\n').length + 1
    const used = new Set(code.match(words))
    const isOwn = (name: string): boolean =>
      new RegExp(
        `(const|let|function) (\\w+, )?{?[^=\\n]*\\b${name}\\b[^=\\n]*}? =|import {[^}]*\\b${name}\\b`,
      ).test(code)
    const prelude = [...given].flatMap(([name, from]) => (used.has(name) && !isOwn(name) ? [from] : []))
    const inFunction = /^return /m.test(code) ? ['export function Example() {', '}'] : ['', '']
    const text = `${prelude.join(';')};export {};${inFunction[0]}${'\n'.repeat(line - 1)}${code}${inFunction[1]}`
    return {
      name: `${path}:${line}`,
      extension: extension as Sample['extension'],
      text,
      notCompiled: undefined,
    }
  })
}

type Script = { readonly code: string; readonly start: number; readonly prelude: string }

function scriptsIn(html: string, offset: number): readonly Script[] {
  return [...html.matchAll(script)]
    .filter(([, attributes]) => !attributes?.includes('importmap'))
    .map((match) => {
      const [all, attributes = '', code = ''] = match
      const start = offset + match.index + all.indexOf(code, attributes.length)
      return { code, start, prelude: attributes.includes('module') ? '' : fromScriptTag }
    })
}

type Place = Pick<Sample, 'notCompiled'> & {
  readonly document: string
  readonly markdown: string
  readonly prelude: string
  /** The line in which the code begins. */
  readonly start: number
}

function sample(place: Place, extension: Sample['extension'], code: string): Sample {
  const { document, markdown, prelude, notCompiled, start } = place
  const line = markdown.slice(0, start).split('\n').length
  // Makes it a module even if it imports and exports nothing.
  const text = `${prelude};export {}${'\n'.repeat(line - 1)}${code}`
  return { name: `${document}:${line}`, extension, text, notCompiled }
}
