/**
 * Gives memory back that only the start needed: the pages of the program's own file, which the kernel reads again where
 * they are needed after all. Nothing that was ever written is touched.
 */
import koffi from 'koffi'
import { readFileSync, readlinkSync } from 'node:fs'

const MADV_DONTNEED = 4
/** What is not worth the look. */
const LITTLE = 64 * 1024 * 1024

/** Does nothing where the C library cannot be called. */
export function releasePages(): void {
  if (process.memoryUsage.rss() < LITTLE) return
  try {
    const madvise = koffi.load('libc.so.6').func('int madvise(uintptr_t address, size_t length, int advice)')
    const mappings = readFileSync('/proc/self/smaps', 'utf8')
    for (const { start, end } of cleanMappings(mappings, readlinkSync('/proc/self/exe')))
      madvise(start, end - start, MADV_DONTNEED)
  } catch {
    // It is only memory.
  }
}

interface Mapping {
  readonly start: bigint
  readonly end: bigint
}

/** proc_pid_smaps(5): of this file, not writable, and without a page that differs from the file. */
export function cleanMappings(smaps: string, file: string): Mapping[] {
  return smaps.split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m).flatMap((text) => {
    const match = /^([0-9a-f]+)-([0-9a-f]+) r-[x-]p .* (\S+)\n/.exec(text)
    const isClean = ['Private_Dirty', 'Anonymous', 'Swap'].every((name) =>
      new RegExp(`^${name}: +0 kB$`, 'm').test(text),
    )
    if (match?.[3] !== file || !isClean) return []
    return [{ start: BigInt(`0x${match[1] ?? ''}`), end: BigInt(`0x${match[2] ?? ''}`) }]
  })
}
