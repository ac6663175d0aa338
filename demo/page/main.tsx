/**
 * The demo page.
 *
 * Scripts that drive the page can rely on these (`data-testid` unless said otherwise):
 * - `backend`: the switch of the server, with `data-backend`. Its radio buttons have the values `presigned`, `fragno`,
 *   `bkend`, `newton` and `active-storage`. `?backend=` in the URL names the chosen one.
 * - `file-input` and `folder-input` take files as the pickers would; people use `choose-files`, `choose-folder` and
 *   `drop-zone`.
 * - `upload`: one row for each file, with `data-name` (the file's name), `data-status` (the upload's state: waiting,
 *   hashing, opening, uploading, completing, paused, failed, cancelled, done), `data-confirmed` and `data-total`
 *   (bytes). Inside it: `state` (the state in words), `figures`, `rate`, `parts` (“37 of 120 parts stored”), `pause`,
 *   `resume` (also “Try again”), `pick-again` with `pick-again-input` (if the file has to be picked again), `restart`,
 *   `cancel`, `remove`, `error` (with `data-code`), `warning`, `download` (a link or a button), and `verdict` with
 *   `data-verdict`: waiting, comparing, identical, different or failed. Its bar is `role=progressbar`.
 * - `earlier`: what an earlier visit left. In it `interrupted`, one for each file, with `data-name`, `data-confirmed`,
 *   `data-total` and `data-needs-file` (whether `interrupted-resume` asks for the file or goes on by itself). Inside
 *   that `interrupted-resume`, `interrupted-resume-input` (takes the file again), `interrupted-forget`,
 *   `interrupted-cancel`, `interrupted-error`. `interrupted-resume-all` is there if it can resume any.
 * - `other-tabs`: in it `far-upload`, one for each upload of another tab, with the data of a row.
 * - `totals` with `data-confirmed` and `data-total`; `count`; `pause-all`, `resume-all`, `cancel-all` (then
 *   `cancel-all-sure`), `clear-ended`; the live region is `announcements`.
 * - `faults`: the switches `fault-unplugged`, `fault-cuts`, `fault-busy`, `fault-slow`, and the buttons
 *   `fault-expire-urls` and `fault-kill`.
 *   `rate-chart` with `data-samples`.
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
