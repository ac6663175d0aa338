/** The page's side of a run: the bench loads a contender, puts a file into the input, and starts the clock. */
import type { Contender, Settings, Uploaded } from './contender.ts'
import { watchLongTasks } from './long-tasks.ts'

export type PageReport = Uploaded & {
  /** Milliseconds from the call until the object exists. */
  readonly ms: number
  readonly longTasks: number
  readonly longTaskMs: number
}

let contender: Contender | undefined

async function load(name: string): Promise<void> {
  // From this pattern esbuild knows what may be loaded.
  const module = (await import(`./contenders/${name}.ts`)) as { readonly upload: Contender }
  contender = module.upload
}

async function run(settings: Settings): Promise<PageReport> {
  const files = [...(document.querySelector('input')?.files ?? [])]
  if (files.length === 0 || contender === undefined) throw new Error('a contender and a file come first')
  const longTasksBetween = watchLongTasks()
  const began = performance.now()
  const uploaded = await contender(files, settings)
  const ended = performance.now()
  const { count, ms } = await longTasksBetween(began, ended)
  return { ...uploaded, ms: ended - began, longTasks: count, longTaskMs: ms }
}

Object.assign(globalThis, { bench: { load, run } })
