/** Measures what the letter names, in this process, and sends the report to whoever started it. */
import { MEASUREMENTS } from './measurements.ts'

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

const report = await MEASUREMENTS[process.argv[2] ?? '']?.measure()
process.send?.(report)
process.disconnect()
