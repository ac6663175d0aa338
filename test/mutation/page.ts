/** Writes what was found into `docs/mutation.md`. */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { modules } from './modules.ts'
import { bar, nameOf, type Result, type Survivor, scoreOf } from './result.ts'
import { reasons } from './survivors.ts'

const here = fileURLToPath(new URL('.', import.meta.url))

export const resultsFolder: string = join(here, 'results')
export const pagePath: string = join(here, '../../docs/mutation.md')

type Results = ReadonlyMap<string, Result>

export function savedResults(): Results {
  const names = readdirSync(resultsFolder).filter((name) => name.endsWith('.json'))
  return new Map(
    names.map((name) => [
      basename(name, '.json'),
      JSON.parse(readFileSync(join(resultsFolder, name), 'utf8')) as Result,
    ]),
  )
}

export function mutationPage(results: Results): string {
  const names = Object.keys(modules)
  const missing = names.filter((name) => !results.has(name))
  const sections = names.flatMap((name) => section(name, results.get(name)))
  return `# Mutants of the engine

\`npm run mutation\` writes this page. It changes the code in one place at a time ([Stryker](https://stryker-mutator.io)), and checks whether a test
fails. The tests have to find at least ${bar} % of these mutants in each module. A mutant is found if it makes a test fail, or run without end. Each module has the
tests that \`test/mutation/modules.ts\` names; the own tests of a small module have to be enough. The bugs that the simulation has to
find are on [another page](simulation-mutants.md).

| module | mutants | found | without end | survived | score | date |
| --- | --: | --: | --: | --: | --: | --- |
${names.flatMap((name) => row(name, results.get(name))).join('\n')}

${missing.length === 0 ? '' : `Not run yet: ${missing.join(', ')}.\n\n`}## What survived

The last column says why a survivor stays, which test is missing, or that nobody has examined it yet. *The same* means that the changed code does the same.
*For the compiler* means that the code is there only because TypeScript asks for it.
${sections.join('\n')}`
}

function row(name: string, result: Result | undefined): string[] {
  if (result === undefined) return []
  const { killed, timedOut, survivors, date } = result
  const all = killed + timedOut + survivors.length
  const cells = [
    all,
    killed,
    timedOut,
    survivors.length,
    `${scoreOf(result).toFixed(1)} %`,
    date.slice(0, 10),
  ]
  return [`| ${name} | ${cells.join(' | ')} |`]
}

function section(name: string, result: Result | undefined): string[] {
  if (result === undefined || result.survivors.length === 0) return []
  const lines = result.survivors.map((survivor) => `| ${cells(survivor).join(' | ')} |`)
  return [
    `
### ${name}

| line | code | instead | why it stays |
| --- | --- | --- | --- |
${lines.join('\n')}
`,
  ]
}

function cells(survivor: Survivor): string[] {
  const { file, line, original, replacement, isCovered } = survivor
  const why = reasons[nameOf(survivor)] ?? (isCovered ? 'not examined yet' : 'no test reaches it')
  return [`${file.replace('src/', '')}:${line}`, code(original), code(replacement), why]
}

function code(text: string): string {
  const safe = text.replaceAll('|', '\\|')
  return text.includes('`') ? `\`\` ${safe} \`\`` : `\`${safe}\``
}
