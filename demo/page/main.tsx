/**
 * The demo page.
 *
 * For scripts that drive it, these stay (all by `data-testid` unless said otherwise):
 * - `backend`: the switch of the server, with `data-backend`; its radio buttons have the values `presigned`, `fragno`,
 *   `bkend`, `newton` and `active-storage`, and `?backend=` in the URL names the one that is chosen.
 * - `file-input` takes files as the picker would; `choose-files` and `drop-zone` are what people use.
 * - `upload`: one row a file, with `data-name` (the file's name), `data-status` (the upload's state: waiting, hashing, opening,
 *   uploading, completing, paused, failed, cancelled, done), `data-confirmed` and `data-total` (bytes). Inside it:
 *   `state` (the state in words), `figures`, `rate`, `parts` (“37 of 120 parts stored”), `pause`, `resume` (also “Try
 *   again”), `pick-again` with `pick-again-input` (where the file has to be picked again), `restart`, `cancel`, `remove`, `error` (with `data-code`), `warning`, `download` (a link or a button), and `verdict` with
 *   `data-verdict`: waiting, comparing, identical, different or failed. Its bar is `role=progressbar`.
 * - `earlier`: what an earlier visit left; in it `interrupted`, one a file, with `data-name`, `data-confirmed` and
 *   `data-total`, and inside it `interrupted-resume`, `interrupted-resume-input` (takes the file again), `interrupted-forget`,
 *   `interrupted-cancel`, `interrupted-error`.
 * - `totals` with `data-confirmed` and `data-total`; `pause-all`, `resume-all`; the live region is `announcements`.
 */
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no #root')
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
