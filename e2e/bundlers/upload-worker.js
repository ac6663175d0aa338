/** All of longhaul but what the page has of it, where the page asks for that. */
import { Uploader } from 'longhaul'
import { serveUploader } from 'longhaul/remote'
import { options } from './options.js'

serveUploader(new Uploader(options))
