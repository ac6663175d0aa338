/**
 * Prints the size of each part of the library, in kB, minified and gzipped, and the size that it may have.
 *
 *     npm run sizes
 *     npm run sizes -- --modules   with the modules of each, in bytes, minified and not gzipped
 */
import { budgets } from './size-budgets.ts'

const withModules = process.argv.includes('--modules')

console.log(line('', 'target', 'ceiling', 'actual'))
for (const { name, target, ceiling = target, measure } of budgets) {
  const { bytes, modules } = await measure()
  console.log(
    line(name, kilobytes(target), kilobytes(ceiling), kilobytes(bytes)),
    bytes > target ? 'above' : '',
  )
  if (withModules) for (const [path, size] of modules) console.log(`    ${String(size).padStart(6)} ${path}`)
}

function line(name: string, ...figures: readonly string[]): string {
  return name.padEnd(32) + figures.map((figure) => figure.padStart(9)).join('')
}

function kilobytes(bytes: number): string {
  return (bytes / 1000).toFixed(2)
}
