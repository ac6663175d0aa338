import { LeaseTabs } from '../../src/tabs/lease.ts'
import { WebLockTabs } from '../../src/tabs/web-locks.ts'
import { describeTabs } from '../contracts/tabs.ts'

describeTabs('WebLockTabs', () => new WebLockTabs(navigator.locks))
describeTabs('LeaseTabs', () => new LeaseTabs())
