import { describe, expect, test } from 'vitest'
import { rawRequest } from './raw-request.ts'
import type { S3Suite } from './s3-suite.ts'

const origin = 'https://page.example'

export function describeCors(suite: S3Suite): void {
  describe(`${suite.name}: a page of another origin`, () => {
    test('may send parts, and read their ETags', async () => {
      const key = suite.newKey()
      const url = await suite.user.presignPart(key, await suite.user.create(key), 1)
      const preflight = await rawRequest(url, {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': 'PUT',
          'access-control-request-headers': 'content-md5,x-amz-checksum-crc32c',
        },
      })
      expect([200, 204]).toContain(preflight.status)
      expect(['*', origin]).toContain(preflight.headers['access-control-allow-origin'])
      expect(preflight.headers['access-control-allow-methods']).toContain('PUT')
      expect(preflight.headers['access-control-allow-headers']).toContain('x-amz-checksum-crc32c')
      const response = await rawRequest(url, { method: 'PUT', body: 'x', headers: { origin } })
      expect(['*', origin]).toContain(response.headers['access-control-allow-origin'])
      expect(response.headers['access-control-expose-headers']?.toLowerCase()).toContain('etag')
    })

    test('may read that its upload no longer exists', async (context) => {
      suite.mayDiffer(context, 'no-cors-on-errors')
      const url = await suite.user.presignPart(suite.newKey(), 'never-was', 1)
      const response = await rawRequest(url, { method: 'PUT', body: 'x', headers: { origin } })
      expect(response.status).toBe(404)
      expect(['*', origin]).toContain(response.headers['access-control-allow-origin'])
    })

    test('may read that its URL has expired', async (context) => {
      suite.mayDiffer(context, 'no-cors-on-expired')
      const response = await rawRequest(await expiredUrl(), { method: 'PUT', body: 'x', headers: { origin } })
      expect(response.status).toBe(403)
      expect(['*', origin]).toContain(response.headers['access-control-allow-origin'])
    })

    test('gets an answer to its preflight for a URL that has expired', async (context) => {
      suite.mayDiffer(context, 'refuses-preflight-of-expired')
      const headers = { origin, 'access-control-request-method': 'PUT' }
      const response = await rawRequest(await expiredUrl(), { method: 'OPTIONS', headers })
      expect([200, 204]).toContain(response.status)
    })

    function expiredUrl(): Promise<string> {
      const signingDate = new Date(Date.now() - 120_000)
      return suite.user.presignPut(suite.newKey(), { signingDate, expiresIn: 60 })
    }
  })
}
