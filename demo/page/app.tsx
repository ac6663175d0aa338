/** The layout of the page. */
import type { ReactElement } from 'react'
import { DropZone } from './drop-zone.tsx'
import { EarlierVisit } from './earlier-visit.tsx'
import { FaultPanel } from './faults/fault-panel.tsx'
import { Guide } from './guide.tsx'
import { Mark } from './icons.tsx'
import { Sign } from './sign.tsx'
import { OtherTabs } from './tabs/other-tabs-section.tsx'
import { ThemeSwitch } from './theme-switch.tsx'
import { Uploads } from './uploads.tsx'
import { useAnnouncement } from './use-upload.ts'

export function App(): ReactElement {
  return (
    <>
      <header className="top">
        <p className="brand">
          <Mark />
          longhaul
        </p>
        <ThemeSwitch />
      </header>
      <main>
        <div className="hero">
          <div className="hero-words">
            <h1>Every byte arrives, whatever the road.</h1>
            <p>
              longhaul uploads files of any size from the browser to object storage. Pause it, reload the
              page, pull the plug: it continues with the missing parts.
            </p>
          </div>
          <Sign />
        </div>
        <DropZone />
        <EarlierVisit />
        <OtherTabs />
        <div className="desk">
          <FaultPanel />
          <Uploads />
        </div>
        <Guide />
      </main>
      <Announcements />
    </>
  )
}

function Announcements(): ReactElement {
  return (
    <p className="unseen" role="status" data-testid="announcements">
      {useAnnouncement()}
    </p>
  )
}
