/** A sample of test/fuzz/answers.test.ts, short enough for `npm run check`. */
import { describeAnswers } from './fuzz/answers.ts'

describeAnswers(24)
