import { describeTabs } from './contracts/tabs.ts'
import { FakeBrowser } from './fakes/tabs.ts'

const browser = new FakeBrowser()
describeTabs('the fake browser', () => browser.tab())
