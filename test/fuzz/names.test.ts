import { describeNames } from './names.ts'

describeNames(Number(process.env['FUZZ_CASES'] ?? 150))
