import { describe, expect, test } from 'vitest'
import {
  endpoint,
  endpointsOf,
  fill,
  joinUrl,
  nameOf,
  protocolOf,
  requireUrl,
  withQuery,
} from '../../src/backends/endpoint.ts'

describe('an endpoint', () => {
  test("is the contract's, or another path or URL, with the same or another method", () => {
    const of = (option: string | undefined) => endpoint('finish', option, 'PUT /uploads/{id}')
    expect(of(undefined)).toEqual({ name: 'finish', method: 'PUT', path: '/uploads/{id}' })
    expect(of('/done')).toEqual({ name: 'finish', method: 'PUT', path: '/done' })
    expect(of('')).toEqual({ name: 'finish', method: 'PUT', path: '' })
    expect(of('PATCH https://app.test/x')).toEqual({
      name: 'finish',
      method: 'PATCH',
      path: 'https://app.test/x',
    })
    expect(endpoint('start', undefined, '/start')).toEqual({ name: 'start', method: 'POST', path: '/start' })
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const)
      expect(of(`${method} /a`)).toMatchObject({ method, path: '/a' })
  })

  test('can be a function of the application', () => {
    const run = (): string => ''
    expect(endpoint('finish', run, 'POST /')).toEqual({ name: 'finish', run })
  })

  test.each([
    ['ftp://app.test', '"ftp://app.test" (string)'],
    ['GET  /a', '"GET  /a" (string)'],
    ['xGET /a', '"xGET /a" (string)'],
    ['https://', '"https://" (string)'],
    // No call can be made to these, and the error of a call would show the password.
    ['PUT https://user:secret@app.test/x', '"PUT https://app.test/x" (string)'],
    [7, '7 (number)'],
    [null, 'null'],
  ])('is refused if it is %s', (option, said) => {
    expect(() => endpoint('finish', option as string, 'POST /')).toThrow(
      new TypeError(`Expected \`endpoints.finish\` to be an http(s) URL or a path, got ${said}`),
    )
  })

  test("is the contract's if the options do not name it", () => {
    const standard = { start: 'POST /start', finish: 'PUT /finish' }
    expect(endpointsOf(standard)).toMatchObject({ start: { path: '/start' }, finish: { method: 'PUT' } })
    expect(endpointsOf(standard, { finish: 'POST /end' })).toEqual({
      start: { name: 'start', method: 'POST', path: '/start' },
      finish: { name: 'finish', method: 'POST', path: '/end' },
    })
  })
})

describe('the names in a path', () => {
  test('become their values, in which only the slashes between the items of a list stay slashes', () => {
    expect(fill('/a/{id}/b/{key}', { id: 'x/y', key: ['u', "v w!'()*", 'ü'] })).toBe(
      '/a/x%2Fy/b/u/v%20w%21%27%28%29%2A/%C3%BC',
    )
  })

  test('are refused if they are unknown, and the error lists the known ones', () => {
    expect(() => fill('/{no}', { id: '1', key: '2' })).toThrow(
      new RangeError('Expected one of {id}, {key} in the path /{no}, got {no}'),
    )
  })

  test.each(['.', '..', ['a', '..'], ['.', 'a']])('cannot lead to another folder through %j', (id) => {
    expect(() => fill('/a/{id}', { id })).toThrow(
      new RangeError('Expected {id} to be a string without `.` or `..` between its slashes'),
    )
  })
})

test.each([
  ['https://app.test/api', '/start', 'https://app.test/api/start'],
  ['https://app.test/api//', '//start', 'https://app.test/api/start'],
  ['/api?v=2', 'start', '/api/start?v=2'],
  ['/api?v=2', 'start?a=1', '/api/start?a=1&v=2'],
  ['/api', 'https://other.test/start', 'https://other.test/start'],
  ['/api', 'a:b', 'a:b'],
  ['/api', '1a:b', '/api/1a:b'],
  ['/api', 'a/b:c', '/api/a/b:c'],
  ['', 'start', 'start'],
])('%s and %s are joined to %s', (base, path, expected) => {
  expect(joinUrl(base, path)).toBe(expected)
})

test('a query is added after an existing one', () => {
  expect([
    withQuery('/a', 'b=1'),
    withQuery('/a?c', 'b=1'),
    withQuery('/a', ''),
    withQuery('/a', undefined),
  ]).toEqual(['/a?b=1', '/a?c&b=1', '/a', '/a'])
})

describe('an address as it is stored', () => {
  test('does not contain its query, but differs by it', () => {
    expect(nameOf('https://app.test/api')).toBe('https://app.test/api')
    const names = ['?a=1', '?a=2', '?', '#a=1', '?a=1?b', '?a=1b'].map((query) => nameOf(`/api${query}`))
    for (const name of names) expect(name).toMatch(/^\/api\?[\da-z]{1,7}$/)
    // The path is followed by the same hash in both, after either sign.
    expect(new Set(names).size).toBe(5)
  })

  test('is the same in every version, or stored uploads could no longer be found', () => {
    expect(nameOf('/api?token=secret')).toBe('/api?1mmkwo9')
  })
})

test('an invalid URL has no protocol', () => {
  expect([protocolOf('https://', 'https://a.test'), protocolOf('/a', 'http://a.test')]).toEqual(['', 'http:'])
})

test('an option that has to be a URL is refused by its name', () => {
  for (const good of ['/api', 'https://app.test', 'http://app.test', ''])
    expect(() => requireUrl('baseUrl', good)).not.toThrow()
  expect(() => requireUrl('baseUrl', 'data:,')).toThrow(
    'Expected `baseUrl` to be an http(s) URL or a path, got "data:,"',
  )
  expect(() => requireUrl('baseUrl', 'shttp://app.test')).toThrow(TypeError)
  for (const bad of [
    'https://user:secret@app.test/x',
    '//user:secret@app.test',
    'https:\\\\secret@app.test',
  ]) {
    expect(() => requireUrl('baseUrl', bad)).toThrow(/got "[^@]*app\.test[^@]*$/)
    expect(() => requireUrl('baseUrl', bad)).not.toThrow(/secret/)
  }
  expect(() => requireUrl('baseUrl', undefined)).toThrow(/`baseUrl`.*got undefined$/)
})
