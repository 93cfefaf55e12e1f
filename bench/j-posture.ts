/** (j) Categorising a whole cloud: a million machines of a made-up Azure, against parsing the JSON that they came in. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Report } from './report.ts'
import { fact, ratio } from './verdict.ts'

const MACHINES = 1_000_000
const HEAP = 16_000

export const title = `categorising ${MACHINES} machines of Azure`

/** As `posture-child.ts` prints it, in milliseconds. */
interface Once {
  readonly bytes: number
  readonly parsing: number
  readonly understanding: number
  readonly listing: number
  readonly indexing: number
  readonly judging: number
  readonly counts: Readonly<Record<string, number>>
  readonly parsedMegabytes: number
  readonly megabytes: number
}

export async function measure(): Promise<Report> {
  const script = join(import.meta.dirname, 'posture-child.ts')
  const flags = ['--expose-gc', `--max-old-space-size=${HEAP}`]
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, script, String(MACHINES)])
  const once = JSON.parse(stdout) as Once // by the one script that was started
  const { parsing, understanding, listing, indexing, judging } = once
  return {
    summaries: {},
    findings: [
      fact('JSON of the inventory', once.bytes / 2 ** 20, 'MiB'),
      fact('parsing it, the floor', parsing, 'ms'),
      ratio('categorising every machine by its rules', { ours: judging, floor: parsing }),
      ratio('from rows to an index of machines, once a reading', {
        ours: understanding + listing + indexing,
        floor: parsing,
      }),
      fact('memory of the rows', once.parsedMegabytes, 'MiB'),
      fact('memory with machines, index and topology', once.megabytes, 'MiB'),
    ],
    notes: [
      `Four management ports each; found: ${Object.entries(once.counts)
        .map(([kind, count]) => `${count} ${kind}`)
        .join(', ')}.`,
      'One process, one thread; the heap may have 16 GB, or the collector is what is measured.',
    ],
  }
}
