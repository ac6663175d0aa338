import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'

const source = resolve(import.meta.dirname, '../src')
const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((path) =>
  path.endsWith('.ts'),
)

/** What a file imports: paths below src/ for its own, names for packages. */
function importsOf(file: string): string[] {
  // Comments hold examples of imports.
  const text = readFileSync(join(source, file), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '')
  return [...text.matchAll(/(?:from|import\() ?'([^']+)'/g)].map(([, target = '']) =>
    target.startsWith('.') ? relative(source, resolve(source, dirname(file), target)) : target,
  )
}

/** Which packages are used where: each in one place, so that it can be replaced in one place. */
const packages: Readonly<Record<string, readonly string[]>> = {
  mitt: ['events.ts'],
  'idb-keyval': ['checkpoints/indexed-db.ts', 'tabs/lease.ts'],
  'hash-wasm': ['hashing/all-digests.ts', 'hashing/common-digests.ts'],
  react: ['react/store.ts'],
}

/** Everything that turns text into markup or code. */
const markup =
  /\b(innerHTML|outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML|createContextualFragment|srcdoc)\b|document\.write|\beval\(|new Function\(/

test.each(['src', 'demo/page'])('nothing in %s turns text into HTML or code', (folder) => {
  const root = resolve(source, '..', folder)
  const found = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(ts|tsx|html)$/.test(path))
    .filter((path) => markup.test(readFileSync(join(root, path), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '')))
  expect(found).toEqual([])
})

describe('the structure of src/', () => {
  test('ports.ts imports nothing', () => {
    expect(importsOf('ports.ts')).toEqual([])
  })

  test.each(files.filter((file) => /^(backends|transport|checkpoints|tabs)\//.test(file)))(
    '%s is an adapter: it imports ports, errors, checks of options, patience and what its folder shares',
    (file) => {
      const own = importsOf(file).filter((target) => target.endsWith('.ts'))
      const allowed = [
        'ports.ts',
        'errors.ts',
        'http-failure.ts',
        'base64.ts',
        'canonical.ts',
        'options.ts',
        'patience.ts',
      ]
      expect(own.filter((target) => !allowed.includes(target) && dirname(target) !== dirname(file))).toEqual(
        [],
      )
    },
  )

  test.each(files.filter((file) => /^(react|element)\//.test(file)))(
    '%s sees what an application sees: the public surface and its own folder',
    (file) => {
      const own = importsOf(file).filter((target) => target.endsWith('.ts'))
      expect(own.filter((target) => target !== 'index.ts' && dirname(target) !== dirname(file))).toEqual([])
    },
  )

  test('no module that every page loads imports react/, element/ or remote/', () => {
    const beside = /^(react|element|remote)\//
    const main = files.filter((file) => !beside.test(file))
    expect(main.flatMap(importsOf).filter((target) => beside.test(target))).toEqual([])
  })

  test('only the composition roots import adapters', () => {
    const roots = ['index.ts', 'uploader.ts', 'cdn.ts'] // and files/, each of which is one
    const knowing = files.filter((file) => !/[/]/.test(file) && !roots.includes(file))
    const adapters = knowing.flatMap((file) =>
      importsOf(file).filter((target) => /^(backends|transport|checkpoints|tabs|hashing)\//.test(target)),
    )
    expect(adapters).toEqual([])
  })

  test.each(Object.entries(packages))('%s is used only where it is meant to be', (name, where) => {
    expect(files.filter((file) => importsOf(file).includes(name)).sort()).toEqual(where)
  })

  test('no other package is used at run time', () => {
    const used = files.flatMap(importsOf).filter((target) => !target.endsWith('.ts'))
    expect([...new Set(used)].sort()).toEqual(Object.keys(packages).sort())
  })

  test('the package has no other dependencies, and pins each to one version', () => {
    const { dependencies } = JSON.parse(readFileSync(resolve(source, '../package.json'), 'utf8')) as {
      readonly dependencies: Readonly<Record<string, string>>
    }
    const agreed = ['hash-wasm', 'idb-keyval', 'ky', 'mitt', 'p-queue']
    expect(Object.keys(dependencies).filter((name) => !agreed.includes(name))).toEqual([])
    expect(Object.keys(dependencies).sort()).toEqual(
      Object.keys(packages)
        .filter((name) => name !== 'react')
        .sort(),
    )
    for (const version of Object.values(dependencies)) expect(version).toMatch(/^\d+\.\d+\.\d+$/)
  })

  test('importing the package adds no global and starts nothing, so that a server can import it', async () => {
    const before = Object.getOwnPropertyNames(globalThis).sort()
    await import('../src/index.ts')
    expect(Object.getOwnPropertyNames(globalThis).sort()).toEqual(before)
    expect('indexedDB' in globalThis).toBe(false)
  })
})
