import { describeWebLockTabs } from '../contracts/web-locks.ts'

describeWebLockTabs()
