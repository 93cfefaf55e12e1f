/** Windows of access as CSV, for whoever asks who was let in when. Made of what is on the page; times are UTC. */
import { csvField } from '../../../domain/csv-field.ts'
import type { Span } from './lanes.ts'
import type { AccessWindow } from './windows.ts'

const COLUMNS: Readonly<Record<string, (window: AccessWindow) => string>> = {
  machine: ({ machine }) => machine,
  port: ({ port }) => port,
  who: ({ who }) => who,
  sources: ({ sources }) => sources.join(' '),
  from: ({ from }) => new Date(from).toISOString(),
  until: ({ to }) => new Date(to).toISOString(),
  state: ({ look }) => STATES[look],
  justification: ({ justification }) => justification,
  request: ({ request }) => request,
}

/** As the API calls them. */
const STATES: Readonly<Record<AccessWindow['look'], string>> = { open: 'open', over: 'closed', failed: 'failed' }

export function csvOf(windows: readonly AccessWindow[]): string {
  const lines = windows
    .toSorted((a, b) => a.from - b.from)
    .map((window) => Object.values(COLUMNS).map((cell) => csvField(cell(window))))
  return [Object.keys(COLUMNS), ...lines].map((cells) => `${cells.join(',')}\r\n`).join('')
}

export function saveWindows(windows: readonly AccessWindow[], { from, to }: Span): void {
  const url = URL.createObjectURL(new Blob([csvOf(windows)], { type: 'text/csv;charset=utf-8' }))
  const days = [...new Set([localDay(from), localDay(to - 1)])]
  Object.assign(document.createElement('a'), { href: url, download: `access-${days.join('-to-')}.csv` }).click()
  URL.revokeObjectURL(url)
}

/** Of the reader's own calendar, by which the page was told the day. */
export function localDay(at: number): string {
  return new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, 10)
}
