/** The driver's journal, which is on the disk before what it tells of is done. */
import type { JournalEntry } from '../../app/ports/driver.ts'
import type { StateFolder } from './state-folder.ts'

export interface KeptJournal {
  entries(): readonly JournalEntry[]
  /** On the disk when this returns. */
  keep(entries: readonly JournalEntry[]): void
  /** What the server has on record; where this disk knows something, that is newer. */
  adopt(entries: readonly JournalEntry[]): void
}

export function keepJournal(files: Pick<StateFolder, 'readJournal' | 'writeJournal'>): KeptJournal {
  let kept: readonly JournalEntry[] = files.readJournal()
  return {
    entries: () => kept,
    keep: (entries) => {
      if (JSON.stringify(entries) === JSON.stringify(kept)) return
      files.writeJournal(entries)
      kept = entries
    },
    adopt: (entries) => {
      if (kept.length === 0) kept = entries
    },
  }
}
