import { start } from './app.js'

start(() => new Worker(new URL('./upload-worker.js', import.meta.url), { type: 'module' }))
