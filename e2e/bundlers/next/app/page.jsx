/** A server component that uses the package. Importing the package on the server has to work. */
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
