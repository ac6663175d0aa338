import { Hono } from 'hono'
import { uploads } from './server-uploads.ts'

export const app = new Hono()
app.post('/api/uploads/*', (c) => uploads(c.req.raw))
