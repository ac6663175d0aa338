/** A component of the server that uses the package: importing it there has to do no harm. */
import { presigned } from 'longhaul'
import { Upload } from './upload.jsx'

export default function Page() {
  return (
    <>
      <h1>{presigned({ baseUrl: '/api/presigned' }).name}</h1>
      <Upload />
    </>
  )
}
