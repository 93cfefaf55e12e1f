/**
 * A program whose wall clock is moved while it runs, by hours if need be (https://github.com/wolfcw/libfaketime): every
 * question that it asks libc is answered with another time. Its steady clock stays what it is.
 */
import { globSync, renameSync, writeFileSync } from 'node:fs'

export interface FakeWallClock {
  /** What a command line begins with. */
  readonly command: readonly string[]
  /** From now on it is this far from the real one: `+3h`, `-5h`, `+0`. */
  jumpTo(offset: string): void
}

/** Throws, with what to do, where the library is missing: a test of it is never skipped in silence. */
export function fakeWallClock(file: string): FakeWallClock {
  const [library] = globSync('/usr/lib/*/faketime/libfaketimeMT.so.1')
  if (library === undefined)
    throw new Error('expected libfaketime, which moves the clock of a program; apt-get install libfaketime')
  const settings = {
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: '1',
    DONT_FAKE_MONOTONIC: '1',
    NO_FAKE_STAT: '1',
  }
  const jumpTo = (offset: string): void => {
    writeFileSync(`${file}.next`, `${offset}\n`)
    renameSync(`${file}.next`, file) // half a file is another time
  }
  jumpTo('+0')
  return { command: ['env', ...Object.entries(settings).map(([name, value]) => `${name}=${value}`)], jumpTo }
}
