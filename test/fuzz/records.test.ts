import { describeRecords } from './records.ts'

describeRecords(Number(process.env['FUZZ_CASES'] ?? 600))
