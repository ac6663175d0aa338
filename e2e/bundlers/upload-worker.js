/** The Uploader, if the page runs it in a worker. */
import { Uploader } from 'longhaul'
import { serveUploader } from 'longhaul/remote'
import { options } from './options.js'

serveUploader(new Uploader(options))
