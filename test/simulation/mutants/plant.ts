/** Puts a bug into a copy of the source. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Edit } from './mutants.ts'

const root = resolve(import.meta.dirname, '../../..')
const parts = ['src', 'test/simulation', 'test/fuzz']

/**
 * What the files become, below `src/`.
 *
 * @throws Error where what is to be replaced is not there exactly once.
 */
export function editedFiles(edits: readonly Edit[]): ReadonlyMap<string, string> {
  const files = new Map<string, string>()
  for (const edit of edits) files.set(edit.file, edited(files.get(edit.file) ?? readSource(edit.file), edit))
  return files
}

function edited(text: string, { file, find, replace }: Edit): string {
  const times = text.split(find).length - 1
  if (times === 1) return text.replace(find, () => replace)
  throw new Error(
    `The mutant no longer fits the source: src/${file} has ${times} times what it replaces:\n${find}`,
  )
}

/** The file as it is, below `src/`. */
function readSource(file: string): string {
  return readFileSync(join(root, 'src', file), 'utf8')
}

/**
 * Copies the engine and the simulation, plants the edits, hands the folder over, and removes it. The copy lies inside of
 * the project, where it finds the packages and `package.json`; not below `node_modules`, where Node strips no types.
 */
export async function withPlanted<T>(
  edits: readonly Edit[],
  use: (folder: string) => Promise<T>,
): Promise<T> {
  const files = editedFiles(edits)
  mkdirSync(join(root, '.data'), { recursive: true })
  const folder = mkdtempSync(join(root, '.data', 'mutant-'))
  try {
    for (const part of parts)
      cpSync(join(root, part), join(folder, part), { recursive: true, filter: isNeeded })
    for (const [file, text] of files) writeFileSync(join(folder, 'src', file), text)
    return await use(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Tests would be found by whoever looks for tests. */
function isNeeded(path: string): boolean {
  return !path.endsWith('.test.ts') && path !== dirname(import.meta.filename)
}
