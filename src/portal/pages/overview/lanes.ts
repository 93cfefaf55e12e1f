/** Puts windows of time into lanes, so that none covers another: each takes the first lane that is free when it begins. */

export interface Span {
  readonly from: number
  readonly to: number
}

export interface Laned<T> {
  readonly window: T
  readonly lane: number
}

export function inLanes<T extends Span>(windows: readonly T[]): { readonly laned: Laned<T>[]; readonly lanes: number } {
  const ends: number[] = []
  const laned = windows
    .toSorted((a, b) => a.from - b.from || a.to - b.to)
    .map((window) => {
      const free = ends.findIndex((end) => end <= window.from)
      const lane = free === -1 ? ends.length : free
      ends[lane] = window.to
      return { window, lane }
    })
  return { laned, lanes: ends.length }
}

/** Where a span lies in a range, in percent of the range; clipped to it. */
export function placeIn(range: Span, { from, to }: Span): { readonly left: number; readonly width: number } {
  const length = range.to - range.from
  const [start, end] = [Math.max(from, range.from), Math.min(to, range.to)]
  return { left: ((start - range.from) / length) * 100, width: (Math.max(0, end - start) / length) * 100 }
}

const HOUR = 3_600_000
const STEPS = [HOUR / 12, HOUR / 6, HOUR / 4, HOUR, 3 * HOUR, 6 * HOUR, 24 * HOUR]

/** Round instants of the reader's own clock for the axis: about eight, never more than twelve. */
export function ticksOf({ from, to }: Span): number[] {
  const step = STEPS.find((size) => (to - from) / size <= 12) ?? 24 * HOUR
  const first = roundUp(from, step)
  const ticks: number[] = []
  for (let at = first; at < to; at = step < 24 * HOUR ? at + step : nextDay(at)) ticks.push(at)
  return ticks
}

function roundUp(from: number, step: number): number {
  const midnight = new Date(from)
  midnight.setHours(0, 0, 0, 0)
  return midnight.getTime() + Math.ceil((from - midnight.getTime()) / step) * step
}

/** A day is not always 24 hours long. */
function nextDay(at: number): number {
  const day = new Date(at)
  day.setDate(day.getDate() + 1)
  return day.getTime()
}
