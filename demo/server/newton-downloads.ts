/** Newton's contract has no downloads. Here the demo's page gets the stored bytes to compare them. */
import { Hono } from 'hono'
import { answerFailure } from './backends/failure.ts'
import { type Place, signDownload } from './backends/s3.ts'

/** Seconds for which a link is valid. */
const lifetime = 300

export function newtonDownloads(place: Place): Hono {
  const app = new Hono()
  // Nobody can guess the id of another's file, and nothing else in the bucket has such a key.
  app.get('/:fileUid{fil_[0-9a-f]{24}}', async (c) =>
    c.redirect(await signDownload(place, `newton/${c.req.param('fileUid')}`, lifetime)),
  )
  app.onError(answerFailure)
  return app
}
