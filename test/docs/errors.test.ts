/** docs/errors.md has every existing code and no other, and says the truth about each. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import * as errors from '../../src/errors.ts'
import { warnings } from '../../src/warnings.ts'

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

/** The union of literals in the source, because types no longer exist when a test runs. */
function codesOfTheSource(): string[] {
  const [, union = ''] = /type UploadErrorCode =([\s\S]*?)\n\n/.exec(read('src/errors.ts')) ?? []
  return [...union.matchAll(/'([a-z-]+)'/g)].map(([, code = '']) => code)
}

type Row = { readonly code: string; readonly cells: readonly string[] }

/** The rows below a heading that begin with a code. A row may name several. */
function rowsBelow(path: string, heading: string): Row[] {
  const [section = ''] = (read(path).split(`\n${heading}\n`)[1] ?? '').split('\n## ')
  const lines = section.split('\n').filter((line) => line.startsWith('| `') && !line.includes('| class |'))
  return lines.flatMap((line) => {
    const cells = line.split(/ \| /).map((cell) => cell.replace(/^\| /, ''))
    const codes = [...(cells[0] ?? '').matchAll(/`([a-z-]+)`/g)].map(([, code = '']) => code)
    return codes.map((code) => ({ code, cells }))
  })
}

const rows = rowsBelow('docs/errors.md', '## Every code').filter(({ code }) => code !== 'code')

test('each code of the source has its row, and no other code has one', () => {
  expect(rows.map(({ code }) => code)).toEqual(codesOfTheSource())
  expect(rows.length).toBeGreaterThan(15)
})

test('the table of README.md has the same codes', () => {
  const codes = rowsBelow('README.md', '## Errors').filter(({ code }) => code !== 'code')
  expect(codes.map(({ code }) => code).sort()).toEqual(codesOfTheSource().sort())
})

test('each warning has its row, and no other has one', () => {
  const told = rowsBelow('docs/errors.md', '## Warnings').filter(({ code }) => code !== 'code')
  // This warning has the text of its cause instead.
  expect(told.map(({ code }) => code).sort()).toEqual([...Object.keys(warnings), 'cors'].sort())
})

test('README.md names each warning, and no others', () => {
  const [, said = ''] = /^\| `warning` \| `\{ code: (.*?), message/m.exec(read('README.md')) ?? []
  const codes = [...said.matchAll(/'([a-z-]+)'/g)].map(([, code = '']) => code)
  expect(codes.sort()).toEqual([...Object.keys(warnings), 'cors'].sort())
})

describe('docs/errors.md is right about retrying', () => {
  const http = { endpoint: 'complete', serviceCode: undefined, detail: '', retryAfter: undefined }
  const made: readonly errors.UploadError[] = [
    new errors.NetworkError(''),
    new errors.StalledError(''),
    new errors.HttpError({ ...http, status: 429 }),
    new errors.HttpError({ ...http, status: 401 }),
    new errors.BackendError({ endpoint: '', field: '', expected: '', received: 1 }),
    new errors.UrlExpiredError(1, {}),
    new errors.EtagHiddenError(1),
    new errors.CorsError('storage.example'),
    new errors.SessionLostError(undefined),
    new errors.UnsureError(undefined),
    new errors.CorruptedError(1, '', ''),
    new errors.FileUnreadableError(''),
    new errors.FileChangedError(''),
    new errors.TooLargeError(2, 1),
    new errors.UploadError('too-many', ''),
    new errors.UploadError('not-accepted', ''),
    new errors.UploadError('in-use', ''),
    new errors.CancelledError(),
    errors.toUploadError('anything'),
  ]

  test.each(rows.filter(({ code }) => code !== 'http').map(({ code, cells }) => [code, cells] as const))(
    '%s',
    (code, cells) => {
      const error = made.find((one) => one.code === code)
      expect(cells[1]).toBe(error?.retryable ? 'yes' : 'no')
      const name = error?.constructor.name ?? ''
      if (name !== 'AnyUploadError') expect(cells[2]).toContain(`\`${name}\``)
    },
  )

  test('http, depending on the status', () => {
    const isRetryable = (status: number): boolean => new errors.HttpError({ ...http, status }).retryable
    expect([408, 500, 502, 503].map(isRetryable)).toEqual([true, true, true, true])
    expect([400, 403, 404, 409].map(isRetryable)).toEqual([false, false, false, false])
  })
})
