/**
 * Prints what the `integrity` attribute of a script tag has to be for each file that pages load from a CDN.
 *
 *     npm run build
 */
import { cdnFiles, integrityOf } from './integrity.ts'

for (const file of cdnFiles) console.log(`dist/${file} ${integrityOf(file)}`)
