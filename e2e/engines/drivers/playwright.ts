/** Chromium and Firefox, driven by Playwright, which uses WebDriver BiDi for Debian's Firefox. */
import {
  type BrowserContext,
  type BrowserType,
  chromium,
  firefox,
  type LaunchOptions,
  type Page,
} from 'playwright'
import { chromiumLaunch, firefoxLaunch } from '../../../scripts/browser-path.js'
import type { Engine, EngineName, Profile, Tab } from '../engine.ts'

export function chromiumEngine(): Promise<Engine> {
  return launch('Chromium', chromium, chromiumLaunch(chromium.executablePath()))
}

export function firefoxEngine(): Promise<Engine> {
  return launch('Firefox', firefox, firefoxLaunch(firefox.executablePath()))
}

async function launch(name: EngineName, type: BrowserType, options: LaunchOptions): Promise<Engine> {
  const browser = await type.launch(options)
  return {
    name,
    version: browser.version(),
    newProfile: async () => profileOf(await browser.newContext()),
    newBrowser: async (folder) => profileOf(await type.launchPersistentContext(folder, options)),
    close: () => browser.close(),
  }
}

function profileOf(context: BrowserContext): Profile {
  context.setDefaultTimeout(60_000)
  return { newTab: async () => tabOf(await context.newPage()), close: () => context.close() }
}

function tabOf(page: Page): Tab {
  return {
    async open(url) {
      await page.goto(url)
    },
    async reload() {
      await page.reload()
    },
    evaluate: (run, ...args) => page.evaluate(`(${run})(...${JSON.stringify(args)})`),
    pick: (selector, paths) => page.locator(selector).setInputFiles([...paths]),
    close: () => page.close(),
  }
}
