/** How long a process and its threads have run on any core: what other work on the machine hardly changes. */
import { readFileSync } from 'node:fs'

/** The kernel counts in hundredths of a second (USER_HZ), whatever its own tick is. */
const TICK_MS = 10

export function cpuMillis(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The name in parentheses may hold spaces: count from its end (proc(5): utime and stime are fields 14 and 15).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS
}
