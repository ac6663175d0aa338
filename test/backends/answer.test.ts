import { describe, expect, test } from 'vitest'
import { Answer } from '../../src/backends/answer.ts'
import type { BackendError } from '../../src/errors.ts'

function answer(text: string): Answer {
  return new Answer('start', JSON.parse(text))
}

function refusal(read: () => unknown): BackendError {
  try {
    read()
  } catch (error) {
    return error as BackendError
  }
  throw new Error('It was taken')
}

describe('an answer from a server', () => {
  test.each(['"\\ud800"', '"a\\udc00b"', '""', '1', 'null'])('has no text in %s', (value) => {
    expect(refusal(() => answer(`{"key":${value}}`).text('key'))).toMatchObject({
      code: 'backend',
      field: 'key',
    })
  })

  test('is described in words, even if it has odd fields', () => {
    const odd = '{"key":{"constructor":{"name":{"toString":1}}}}'
    expect(refusal(() => answer(odd).text('key')).message).toContain('(object)')
  })

  test.each([
    '{"bad header":"a"}',
    '{"x-a":"a\\r\\nx-b: b"}',
    '{"x-a":"a\\u0000"}',
    '{"x-a":"日本語"}',
    '{"":"a"}',
  ])('has no headers if a page cannot send them: %s', (headers) => {
    const { code, field, message } = refusal(() => answer(`{"headers":${headers}}`).headers('headers'))
    expect({ code, field }).toEqual({ code: 'backend', field: 'headers' })
    expect(message).toContain('expected `headers` to be valid headers')
    expect(message).not.toContain('x-b')
  })

  test('has all its headers except those that only the browser sets', () => {
    const headers =
      '{"cookie":"a=b","Host":"evil.test","sec-fetch-mode":"cors","Proxy-Authorization":"1","x-amz-acl":"private"}'
    expect(answer(`{"headers":${headers}}`).headers('headers')).toEqual({ 'x-amz-acl': 'private' })
    const others = {
      'x-amz-date': '1',
      'x-host': '1',
      hostage: '1',
      'content-length-range': '1',
      'x-sec-a': '1',
    }
    expect(new Answer('start', { others }).headers('others')).toEqual(others)
  })

  test('shows a refused URL without its query', () => {
    const { message } = refusal(() => answer('{"url":"ftp://storage.test/a?sig=secret"}').url('url'))
    expect(message).toContain('ftp://storage.test/a')
    expect(message).not.toContain('secret')
  })

  test.each([
    '{"urls":["https://s.test/a?sig=secret"]}',
    '{"urls":[{"url":"https://s.test/a?sig=secret","n":1}]}',
    '{"urls":"see https://s.test/a?sig=secret"}',
    '{"urls":{"1":{"url":"https://s.test/a?sig=secret"}}}',
  ])('is shown without the queries of the URLs in it: %s', (text) => {
    const { message } = refusal(() => answer(text).inner('urls').string('1'))
    expect(message).toContain('https://s.test/a')
    expect(message).not.toContain('secret')
  })

  test('changes no prototype, and has no field that nobody sent', () => {
    const { all } = answer('{"__proto__":{"polluted":true}}')
    expect(Object.keys(all)).toEqual(['__proto__'])
    expect('polluted' in all).toBe(false)
    expect('polluted' in {}).toBe(false)
    for (const name of ['constructor', 'toString', 'hasOwnProperty'])
      expect(refusal(() => answer('{}').text(name)).field).toBe(name)
  })
})

describe('a field', () => {
  type Read = (from: Answer) => unknown
  const most = Number.MAX_SAFE_INTEGER

  /** Each row: how the field is read, values that are good, values that are bad, and what the error says. */
  test.each<[string, Read, readonly unknown[], readonly unknown[], string]>([
    [
      'text',
      (from) => from.text('f'),
      ['a', ' ', '\u{1f600}'],
      ['', 1, null, undefined, ['a']],
      'a non-empty string',
    ],
    [
      'text in a path',
      (from) => from.inPath('f'),
      ['a/b', 'a..b', '.a', 'a.', '...', 'a/.b'],
      ['.', '..', './a', 'a/.', 'a/../b', 'a/./b', '../a', 'a/..'],
      'a string without `.` or `..` between its slashes',
    ],
    ['text that may be empty', (from) => from.string('f'), ['', 'a'], [1, null, undefined, {}], 'a string'],
    [
      'size',
      (from) => from.size('f'),
      [1, most],
      [0, -1, 1.5, '1', most + 1, null],
      'a whole number of bytes above 0',
    ],
    ['count', (from) => from.count('f', 2), [2, 3, most], [1, 2.5, '2', most + 1], 'a whole number >= 2'],
    ['word', (from) => from.oneOf('f', ['a', 'b']), ['a', 'b'], ['c', '', null, 1], 'one of a, b'],
    ['flag', (from) => from.flag('f'), [true, false], ['true', 0, null], 'true or false'],
    ['object', (from) => from.inner('f').all, [{ a: 1 }, {}], [null, [], 'a', undefined], 'an object'],
    ['list', (from) => from.list('f').map(({ all }) => all), [[{ a: 1 }, {}], []], [{}, 'a', null], 'a list'],
    ['object of texts', (from) => from.texts('f'), [{ a: 'b', c: '' }, {}], [null, []], 'an object'],
    [
      'URL',
      (from) => from.url('f'),
      ['https://s.test/a', 'http://s.test/a'],
      ['ftp://s.test', 'https://', '', 1, null],
      'an https URL',
    ],
  ])('that has to be a %s is one, or the error says so', (_, read, good, bad, expected) => {
    for (const f of good) expect(read(new Answer('start', { f }))).toEqual(f)
    for (const f of bad)
      expect(refusal(() => read(new Answer('start', { f })))).toMatchObject({
        code: 'backend',
        endpoint: 'start',
        field: 'f',
        expected,
      })
  })

  test('that is a date is read as milliseconds since 1970', () => {
    expect(answer('{"at":"2026-08-22T10:00:00.000Z"}').date('at')).toBe(1_787_392_800_000)
    const wrong = refusal(() => answer('{"at":"soon"}').date('at'))
    expect(wrong).toMatchObject({ field: 'at', expected: 'a date' })
  })

  test('inside another field is named with it', () => {
    expect(refusal(() => answer('{"a":{"b":1}}').texts('a'))).toMatchObject({
      field: 'a.b',
      expected: 'a string',
    })
    const [first] = answer('{"parts":[{"n":0}]}').list('parts')
    expect(refusal(() => first?.size('n'))).toMatchObject({ endpoint: 'start', field: 'n' })
    expect(refusal(() => answer('{"parts":[1]}').list('parts')).field).toBe('body')
  })

  test('may be missing or null if it is read as optional', () => {
    const { headers, nulls } = {
      headers: answer('{}').headers('h'),
      nulls: answer('{"h":null}').headers('h'),
    }
    expect([headers, nulls]).toEqual([{}, {}])
    const given = answer('{"a":null,"b":0,"c":"","d":false}')
    expect(['a', 'e', 'b', 'c', 'd'].map((name) => given.isNull(name))).toEqual([
      true,
      true,
      false,
      false,
      false,
    ])
    expect([given.json('a'), given.json('b'), given.json('e')]).toEqual([null, 0, undefined])
  })
})

test.each(['null', '[]', '"a"', '1'])('an answer of %s is not an object', (text) => {
  expect(refusal(() => answer(text))).toMatchObject({
    endpoint: 'start',
    field: 'body',
    expected: 'a JSON object',
  })
})
