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

describe('what a server answers', () => {
  test.each(['"\\ud800"', '"a\\udc00b"', '""', '1', 'null'])('is no text where it is %s', (value) => {
    expect(refusal(() => answer(`{"key":${value}}`).text('key'))).toMatchObject({
      code: 'backend',
      field: 'key',
    })
  })

  test('is told in words whatever fields of its own it has', () => {
    const odd = '{"key":{"constructor":{"name":{"toString":1}}}}'
    expect(refusal(() => answer(odd).text('key')).message).toContain('(object)')
  })

  test.each([
    '{"bad header":"a"}',
    '{"x-a":"a\\r\\nx-b: b"}',
    '{"x-a":"a\\u0000"}',
    '{"x-a":"日本語"}',
    '{"":"a"}',
  ])('are no headers where a page cannot send them: %s', (headers) => {
    const { code, field, message } = refusal(() => answer(`{"headers":${headers}}`).headers('headers'))
    expect({ code, field }).toEqual({ code: 'backend', field: 'headers' })
    expect(message).not.toContain('x-b')
  })

  test('are headers but for those that only the browser sets', () => {
    const headers = '{"cookie":"a=b","Host":"evil.test","sec-x":"1","proxy-x":"1","x-amz-acl":"private"}'
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

  test('is a URL that is told without its query where it is refused', () => {
    const { message } = refusal(() => answer('{"url":"ftp://storage.test/a?sig=secret"}').url('url'))
    expect(message).toContain('ftp://storage.test/a')
    expect(message).not.toContain('secret')
  })

  test.each([
    '{"urls":["https://s.test/a?sig=secret"]}',
    '{"urls":[{"url":"https://s.test/a?sig=secret","n":1}]}',
    '{"urls":"see https://s.test/a?sig=secret"}',
    '{"urls":{"1":{"url":"https://s.test/a?sig=secret"}}}',
  ])('is told without the queries of the URLs in it, whatever it is: %s', (text) => {
    const { message } = refusal(() => answer(text).inner('urls').string('1'))
    expect(message).toContain('https://s.test/a')
    expect(message).not.toContain('secret')
  })

  test('changes no prototype, and has no field that nobody has sent', () => {
    const { all } = answer('{"__proto__":{"polluted":true}}')
    expect(Object.keys(all)).toEqual(['__proto__'])
    expect('polluted' in all).toBe(false)
    expect('polluted' in {}).toBe(false)
    for (const name of ['constructor', 'toString', 'hasOwnProperty'])
      expect(refusal(() => answer('{}').text(name)).field).toBe(name)
  })
})
