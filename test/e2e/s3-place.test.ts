import { describe, expect, test } from 'vitest'
import { foreignS3 } from '../../demo/server/storage.ts'
import { environmentOf, placeOf, readDifferences } from '../../e2e/s3/place.ts'

const named = { S3_ENDPOINT: 'https://s3.example', AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret' }

describe('the S3 that the environment names', () => {
  test('has defaults for everything but its address and its keys', () => {
    expect(placeOf(named)).toEqual({
      endpoint: 'https://s3.example',
      region: 'us-east-1',
      bucket: 'uploads',
      credentials: { accessKeyId: 'id', secretAccessKey: 'secret' },
      pathStyle: true,
    })
  })

  test('survives being written into an environment and read again', () => {
    const all = {
      ...named,
      S3_REGION: 'auto',
      S3_BUCKET: 'mine',
      S3_PATH_STYLE: 'false',
      AWS_SESSION_TOKEN: 'token',
    }
    expect(environmentOf(placeOf(all))).toEqual(all)
  })

  test.each([
    ['S3_ENDPOINT', { ...named, S3_ENDPOINT: '' }],
    ['AWS_SECRET_ACCESS_KEY', { ...named, AWS_SECRET_ACCESS_KEY: '' }],
    ['S3_PATH_STYLE', { ...named, S3_PATH_STYLE: 'no' }],
  ])('is refused without a valid %s', (what, environment) => {
    expect(() => placeOf(environment)).toThrow(what)
  })

  test('may leave it to the SDK to find the keys, for the demo', () => {
    expect(foreignS3({ S3_ENDPOINT: 'https://s3.example' })?.credentials).toBeUndefined()
    expect(foreignS3({})).toBeUndefined()
  })
})

describe('S3_DIFFERENCES', () => {
  test('accepts names of stores and of differences, each once', () => {
    expect(readDifferences('')).toEqual([])
    expect(readDifferences('refuses-trailers,ignores-part-order,refuses-trailers')).toEqual([
      'refuses-trailers',
      'ignores-part-order',
    ])
    expect(readDifferences('rgw-16')).toContain('ignores-checksums')
    expect(readDifferences('rgw-20,accepts-two-signatures')).toContain('accepts-two-signatures')
  })

  test('accepts no other names', () => {
    expect(() => readDifferences('ignores-everything')).toThrow('got "ignores-everything"')
  })
})
