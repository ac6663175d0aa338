'use client'
import { defineUploadElement } from 'longhaul/element'
import { useUploader } from 'longhaul/react'
import { useEffect, useState } from 'react'
import { ending, options } from '../app.js'

/** Rendered on the server first, including the Uploader. */
export function Upload() {
  const uploader = useUploader(options)
  const [text, setText] = useState('')
  useEffect(() => defineUploadElement(), [])
  const upload = async ({ target }) => setText(await ending(uploader.uploadFile(target.files[0])))
  return (
    <>
      <input type="file" onChange={upload} />
      <output>{text}</output>
    </>
  )
}
