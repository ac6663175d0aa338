import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { modules } from './modules.ts'
import { mutationPage, pagePath, savedResults } from './page.ts'
import { nameOf, type Report, resultOf, scoreOf } from './result.ts'
import { reasons } from './survivors.ts'

const place = (line: number, column: number) => ({ line, column })
const report: Report = {
  files: {
    'src/a.ts': {
      source: 'const a = 1 +\n  2\nconst b = a > 1\n',
      mutants: [
        {
          mutatorName: 'Arithmetic',
          replacement: '1 - 2',
          status: 'Survived',
          location: { start: place(1, 11), end: place(2, 4) },
        },
        {
          mutatorName: 'Equality',
          replacement: 'a >= 1',
          status: 'NoCoverage',
          location: { start: place(3, 11), end: place(3, 16) },
        },
        { mutatorName: 'A', status: 'Killed', location: { start: place(1, 1), end: place(1, 2) } },
        { mutatorName: 'A', status: 'Killed', location: { start: place(1, 1), end: place(1, 2) } },
        { mutatorName: 'A', status: 'Timeout', location: { start: place(1, 1), end: place(1, 2) } },
        { mutatorName: 'A', status: 'CompileError', location: { start: place(1, 1), end: place(1, 2) } },
      ],
    },
  },
}

describe('the mutants of a module', () => {
  test('are counted, and those that survive are kept with their code', () => {
    const result = resultOf(report, '2026-11-25T00:00:00Z')
    expect(result).toEqual({
      date: '2026-11-25T00:00:00Z',
      killed: 2,
      timedOut: 1,
      invalid: 1,
      survivors: [
        { file: 'src/a.ts', line: 1, original: '1 + 2', replacement: '1 - 2', isCovered: true },
        { file: 'src/a.ts', line: 3, original: 'a > 1', replacement: 'a >= 1', isCovered: false },
      ],
    })
    expect(scoreOf(result)).toBe(60)
  })
})

describe('docs/mutation.md', () => {
  test('is what the saved results say', () => {
    expect(readFileSync(pagePath, 'utf8')).toBe(mutationPage(savedResults()))
  })

  test('has results of known modules only, and no reason for what is found', () => {
    expect([...savedResults().keys()].filter((name) => modules[name] === undefined)).toEqual([])
    const survivors = new Set([...savedResults().values()].flatMap((result) => result.survivors.map(nameOf)))
    expect(Object.keys(reasons).filter((name) => !survivors.has(name))).toEqual([])
  })
})
