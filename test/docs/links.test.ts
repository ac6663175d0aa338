/** The documents' links lead to files and headings that exist. */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const read = (path: string): string => readFileSync(resolve(root, path), 'utf8')
const documents = [
  ...['README.md', 'CONTRIBUTING.md', 'bench/README.md'],
  ...globSync('docs/**/*.md', { cwd: root }),
]

/** A heading's anchor, as GitHub makes it. */
function anchorsIn(markdown: string): string[] {
  const headings = [...markdown.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading)
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\- _]/gu, '')
      .replaceAll(' ', '-'),
  )
}

function isThere(document: string, target: string): boolean {
  const [path = '', anchor] = target.split('#')
  const file = path === '' ? resolve(root, document) : resolve(root, dirname(document), path)
  if (!existsSync(file)) return false
  return anchor === undefined || anchorsIn(readFileSync(file, 'utf8')).includes(anchor)
}

test.each(documents)('%s: every link within the repository leads somewhere', (document) => {
  const text = read(document).replace(/^```[\s\S]*?^```$/gm, '')
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target)
  const own = targets.filter((target) => !/^https?:/.test(target))
  expect(own.filter((target) => !isThere(document, target))).toEqual([])
})

test('every document can be reached from README.md', () => {
  const seen = new Set(['README.md'])
  for (const document of seen) {
    for (const [, target = ''] of read(document).matchAll(/\]\(([^)\s#]+\.md)/g))
      if (!target.startsWith('http'))
        seen.add(resolve(root, dirname(document), target).slice(root.length + 1))
  }
  const pages = documents.filter((document) => !document.startsWith('docs/decisions/'))
  expect(pages.filter((document) => !seen.has(document))).toEqual([])
})

describe('docs/architecture.md', () => {
  test('names only files that exist, below src/ or from the root', () => {
    const named = [...read('docs/architecture.md').matchAll(/`([\w./-]+\.ts|[\w./-]+\/)`/g)]
    const missing = named.map(([, path = '']) => path).filter((path) => !isFile(path))
    expect(missing).toEqual([])
    expect(named.length).toBeGreaterThan(40)
  })
})

function isFile(path: string): boolean {
  return existsSync(resolve(root, 'src', path)) || existsSync(resolve(root, path))
}
