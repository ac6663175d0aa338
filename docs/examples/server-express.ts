import express from 'express'
import { uploads } from './server-uploads.ts'

export const app: express.Express = express()

app.post('/api/uploads/*path', express.text({ type: 'application/json', limit: '2mb' }), async (req, res) => {
  const headers = Object.entries(req.headers).map(
    ([name, value]) => [name, String(value)] as [string, string],
  )
  const url = new URL(req.originalUrl, 'http://localhost')
  // The application's own `express.json()` may have read it already.
  const body = typeof req.body === 'string' ? req.body : JSON.stringify(req.body)
  const answer = await uploads(new Request(url, { method: 'POST', headers, body }))
  res
    .status(answer.status)
    .type('json')
    .send(await answer.text())
})
