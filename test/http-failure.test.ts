import { describe, expect, test } from 'vitest'
import { errorInside, httpFailure, isPage, parseRetryAfter, saysDamaged } from '../src/http-failure.ts'

const date = Date.parse('2026-11-21T12:00:00Z')

function failure(body: string, headers: Record<string, string> = {}): ReturnType<typeof httpFailure> {
  return httpFailure('complete', { status: 500, headers, body }, date)
}

describe('the text of a refusal', () => {
  test("is read from S3's XML", () => {
    const xml = '<?xml version="1.0"?><Error><Code>NoSuchUpload</Code><Message>gone</Message></Error>'
    expect(failure(xml)).toMatchObject({
      serviceCode: 'NoSuchUpload',
      message: 'complete answered 500 (NoSuchUpload: gone)',
    })
  })

  test.each([
    ['{"message":"m","code":"C"}', 'C', '(C: m)'],
    ['{"code":"C"}', 'C', '(C)'],
    ['{"error":"m"}', undefined, '(m)'],
    ['{"error":{"code":"domain/name","message":"m"}}', 'domain/name', '(domain/name: m)'],
    [
      '{"success":false,"error":{"code":"file/too-long","message":"m"}}',
      'file/too-long',
      '(file/too-long: m)',
    ],
    ['{"statusCode":409,"error":"file/too-long","message":"m"}', 'file/too-long', '(file/too-long: m)'],
    ['{"statusCode":404,"error":"NOT_FOUND","message":"m"}', 'NOT_FOUND', '(NOT_FOUND: m)'],
    ['{"error":"FORBIDDEN","message":"m"}', 'FORBIDDEN', '(FORBIDDEN: m)'],
    // Sentences, whatever they contain.
    ['{"error":"Cannot read a_b/c"}', undefined, '(Cannot read a_b/c)'],
    ['{"error":"a_b/c is too long"}', undefined, '(a_b/c is too long)'],
    ['{"error":"Invalid KEY"}', undefined, '(Invalid KEY)'],
    ['{"error":"KEY is invalid"}', undefined, '(KEY is invalid)'],
    ['{"detail":"m"}', undefined, '(m)'],
    ['{"message":"","detail":"m"}', undefined, '(m)'],
    ['{"error":["m","n"]}', undefined, '(m; n)'],
    ['{"error":[{"code":"C","message":"m"}]}', 'C', '(C: m)'],
    // NestJS; Google.
    ['{"message":["m","n"],"error":"Bad Request"}', undefined, '(m; n)'],
    ['{"error":{"code":400,"errors":[{"message":"m"}]}}', undefined, '(m)'],
    ['{"errors":[{"code":"a_b","message":"m"},{"code":"c_d","message":"n"}]}', 'a_b', '(a_b: m; n)'],
    ['{"error":"Bad Request","detail":"m","error_code":"a-b"}', 'a-b', '(a-b: m)'],
    ['{"error":"Validation error","detail":[{"loc":["body","a"],"msg":"m"}]}', undefined, '(body.a: m)'],
    ['{"message":"v","code":"V","issues":[{"path":["a","b"],"message":"m"}]}', 'V', '(V: a.b: m)'],
    // RFC 9457 without a detail, ASP.NET's form of it, Rails and Laravel.
    ['{"type":"about:blank","title":"Payload Too Large","status":413}', undefined, '(Payload Too Large)'],
    [
      '{"title":"Invalid.","status":400,"errors":{"FileName":["m","n"]}}',
      undefined,
      '(FileName: m; FileName: n)',
    ],
    ['{"errors":{"byte_size":["is too large"]}}', undefined, '(byte_size: is too large)'],
    ['{"message":"The given data was invalid.","errors":{"a":["m"]}}', undefined, '(a: m)'],
    ['<Error><Code>C</Code></Error>', 'C', '(C)'],
    ['\n<html>Bad gateway</html>\n', undefined, '(<html>Bad gateway</html>)'],
    ['', undefined, undefined],
    ['null', undefined, '(null)'],
    ['[1]', undefined, undefined],
  ])('is read from %s', (body, serviceCode, said) => {
    const error = failure(body)
    expect(error.serviceCode).toBe(serviceCode)
    expect(error.message).toBe(['complete answered 500', said].filter(Boolean).join(' '))
  })

  test.each([
    // Fastify's 404 with a token in the `baseUrl`, and a server that repeats what it has signed.
    '{"message":"Route POST:/api/complete?token=secret not found","error":"Not Found"}',
    '{"message":"expired: https://storage.test/a?X-Amz-Signature=secret"}',
    'https://storage.test/a?X-Amz-Signature=secret',
  ])('is reported without the queries of URLs, as in %s', (body) => {
    expect(failure(body).message).not.toContain('secret')
    expect(failure(body).message).toMatch(/\/(api\/complete|a)/)
  })

  const long = 'x'.repeat(10_000)
  test.each([
    long,
    `<Error><Code>${long}</Code><Message>${long}</Message></Error>`,
    JSON.stringify({ code: long, message: long }),
  ])('is shortened, since a proxy may send a whole page', (body) => {
    expect(failure(body).message.length).toBeLessThan(500)
  })

  const odd = '{"toString":1,"valueOf":1}'
  test.each([
    `{"errors":[{"message":${odd},"path":["a"]}]}`,
    `{"errors":[{"message":"m","path":[${odd}]}]}`,
    `{"error":{"message":"m","details":{"retry_after":${odd}}}}`,
    `{"code":${odd},"message":${odd}}`,
    `{"error":{"error":${odd}}}`,
  ])('is read from %s, whose objects have a toString that is no function', (body) => {
    expect(failure(body)).toMatchObject({ code: 'http', retryAfter: undefined })
  })

  test('contains Retry-After in milliseconds, from its header or its body', () => {
    expect(failure('', { 'retry-after': '3' }).retryAfter).toBe(3000)
    const body = '{"error":{"code":"C","message":"m","details":{"retry_after":5}}}'
    expect(failure(body).retryAfter).toBe(5000)
    expect(failure(body, { 'retry-after': '3' }).retryAfter).toBe(3000)
    expect(failure(body.replace('5', '2.5')).retryAfter).toBe(2500)
  })

  test('contains a Retry-After date as a wait by the clock of the server that sent it', () => {
    const headers = { date: 'Sat, 21 Nov 2026 15:00:00 GMT', 'retry-after': 'Sat, 21 Nov 2026 15:00:30 GMT' }
    expect(failure('', headers).retryAfter).toBe(30_000)
  })

  test.each(['SlowDown', 'SlowDownRead', 'SlowDownWrite'])('means that the server is busy: %s', (code) => {
    expect(failure(`<Error><Code>${code}</Code></Error>`).code).toBe('throttled')
  })
})

describe('a body that may come from something between the page and the server', () => {
  test.each([
    ['', true],
    ['404 page not found', true],
    ['<!doctype html><title>404</title>', true],
    ['<Error><Message>no code</Message></Error>', true],
    ['<Error><Code>NoSuchUpload</Code></Error>', false],
    ['{"error":"no such upload"}', false],
    ['{}', false],
    ['[]', false],
    // From ASP.NET: `Results.NotFound("no such upload")`.
    ['"no such upload"', false],
  ])('is neither JSON nor the XML of S3: %s', (body, isVague) => {
    expect(failure(body).isVague).toBe(isVague)
  })
})

describe('an error inside a 2xx', () => {
  test.each([
    // S3 may take minutes to complete. It sends a 200 and some spaces before it knows the outcome.
    [
      '<?xml version="1.0"?>\n  <Error><Code>InternalError</Code><Message>m</Message></Error>',
      'InternalError',
      'm',
    ],
    ['<Error xmlns="a"><Code>C</Code><Message>m</Message></Error>', 'C', 'm'],
    ['{"success":false,"message":"m","code":"C"}', 'C', 'm'],
    ['{"data":null,"errors":[{"message":"m","extensions":{"code":"C"}}]}', 'C', 'm'],
    ['{"error":{"code":"C","message":"m"}}', 'C', 'm'],
    ['{"error":["m"]}', undefined, 'm'],
    ['{"errors":[{"message":"m"}],"data":null}', undefined, 'm'],
    ['{"ok":false,"message":"m"}', undefined, 'm'],
    ['{"status":"error","message":"m"}', undefined, 'm'],
    ['{"statusCode":403,"message":"m"}', undefined, 'm'],
    ['{"errorType":"NoSuchUpload","errorMessage":"m","trace":[]}', 'NoSuchUpload', 'm'],
    // A body that says nothing else.
    ['{"success":false}', undefined, '{"success":false}'],
  ])('is found in %s', (body, serviceCode, said) => {
    const message = `complete answered 200 (${[serviceCode, said].filter(Boolean).join(': ')})`
    expect(errorInside('complete', body)).toMatchObject({ code: 'http', status: 200, serviceCode, message })
  })

  test.each([
    '',
    'done',
    '<CompleteMultipartUploadResult><Key>Error</Key></CompleteMultipartUploadResult>',
    '<Errors>0</Errors>',
    '{"key":"<Error> of a file"}',
    '{"success":true,"error":null}',
    '{"error":[]}',
    '{"errors":[]}',
    '{"error":""}',
    '{"ok":true,"errors":[],"errorMessage":null,"status":"completed","statusCode":200}',
    '{"errors":{}}',
    // An application's own codes and words.
    '{"errorCode":0,"errorMessage":"success","data":{}}',
    '{"statusCode":1000}',
    '[{"error":"of an entry"}]',
  ])('is not found in %s', (body) => {
    expect(errorInside('complete', body)).toBeUndefined()
  })

  // This is how an API Gateway passes on an error or a timeout of a Lambda function, or an answer it failed to
  // unwrap.
  test.each([
    ['{"errorMessage":"Task timed out after 3.00 seconds"}', true],
    ['{"statusCode":500,"body":"{}"}', true],
    ['{"statusCode":403,"body":"{}"}', false],
    ['{"success":false}', false],
  ])('is retryable like a 5xx if a function has failed: %s', (body, retryable) => {
    expect(errorInside('complete', body)?.retryable).toBe(retryable)
  })
})

test.each([
  ['<!doctype html><title>Sign in</title>', true],
  ['\n  <!DOCTYPE html>', true],
  ['<html lang="en">', true],
  ['{"name":"<html>"}', false],
  ['see <!doctype html>', false],
  ['<Error></Error>', false],
  ['\uFEFF<!DOCTYPE\nhtml PUBLIC "-//W3C//DTD HTML 4.01//EN">', true],
  ['<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN">\n<html>', true],
  ['<!-- For <b>old</b> browsers -->\n<html>', true],
  // What networks of universities and hotels answer, and PHP after a fatal error.
  ["<script>top.self.location.href='http://192.0.2.1/portal'</script>", true],
  ['<meta http-equiv="refresh" content="0; url=http://192.0.2.1/">', true],
  ['<br />\n<b>Fatal error</b>:  Uncaught S3Exception', true],
  ['<?xml version="1.0"?>\n<Error><Code>SlowDown</Code></Error>', false],
  [
    '<?xml version="1.0"?>\n<CompleteMultipartUploadResult><Key>html</Key></CompleteMultipartUploadResult>',
    false,
  ],
  ['<header/>', false],
  ['<?xml version="1.0"?>\n<response><meta><id>7</id></meta></response>', false],
  ['<?xml version="1.0"?><Envelope><Body/></Envelope>', false],
  ['<!--\n<?xml version="1.0"?><WISPAccessGatewayParam/> -->\n<?xml version="1.0"?><html>', true],
])('%j is a page: %s', (body, expected) => {
  expect(isPage(body)).toBe(expected)
})

test.each([' ', '<!--', '<!', '<b ', '<?xml '])('a body of endless %j is checked quickly', (piece) => {
  expect(isPage(piece.repeat(10_000_000))).toBe(false)
})

test.each([
  ['BadDigest', true],
  ['XAmzContentChecksumMismatch', true],
  ['XAmzContentSHA256Mismatch', true],
  ['NoSuchUpload', false],
  [undefined, false],
])('the code %s means that bytes were changed on the way: %s', (code, expected) => {
  expect(saysDamaged(code)).toBe(expected)
})

describe('Retry-After', () => {
  test.each([
    ['0', 0],
    ['120', 120_000],
    [' 7 ', 7_000],
    ['1.5', 1_500],
    ['1.25', 1_250],
    ['-5', undefined],
    ['120, 120', undefined],
    ['Sat, 21 Nov 2026 12:00:30 GMT', 30_000],
    ['Sat, 21 Nov 2026 11:00:00 GMT', 0],
    ['soon', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%j is %s', (value, expected) => {
    expect(parseRetryAfter(value, date)).toBe(expected)
  })
})
