import { describeAnswers } from './answers.ts'

describeAnswers(Number(process.env['FUZZ_CASES'] ?? 1800))
