/**
 * Prints the value of a script tag's `integrity` attribute for each file that pages load from a CDN.
 *
 *     npm run build
 */
import { cdnFiles, integrityOf } from './integrity.ts'

for (const file of cdnFiles) console.log(`dist/${file} ${integrityOf(file)}`)
