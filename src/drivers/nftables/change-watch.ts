/**
 * Tells when something happened to what the driver wrote that it did not do itself: somebody changed our tables, others keep
 * open what we close, or the clock moved.
 */
import type { Clock } from '../../app/ports/clock.ts'
import type { ForeignChange } from '../../app/ports/driver.ts'
import type { PointId } from '../../app/ports/inventory.ts'
import type { Millis } from '../../domain/time.ts'
import type { ForeignWatch } from './foreign/foreign-watch.ts'
import { watchClock } from './kernel/clock-watch.ts'
import type { KernelView } from './kernel-view.ts'
import { BASE_TABLE, TABLE } from './nft-text.ts'
import type { OneAtATime } from './kernel/one-at-a-time.ts'
import type { OwnGenerations } from './kernel/own-generations.ts'
import type { RulesetChange, RulesetEvent, RulesetEvents } from './kernel/ruleset-events.ts'

export interface ChangeWatchOptions {
  readonly point: PointId
  readonly clock: Clock
  readonly uptime: () => Millis
  readonly queue: OneAtATime
  readonly events: RulesetEvents
  readonly generations: Pick<OwnGenerations, 'isOwn' | 'noteHarmless'>
  readonly view: Pick<KernelView, 'distrust'>
  readonly foreign: Pick<ForeignWatch, 'soon' | 'onDifference' | 'stop'>
}

export interface ChangeWatch {
  /** Returns how to stop being told. */
  watch(onChange: (change: ForeignChange) => void): () => void
  /** Tells nobody any more. */
  stop(): void
}

export function createChangeWatch(options: ChangeWatchOptions): ChangeWatch {
  const { point, clock, uptime, queue, events, foreign } = options
  const stops = new Set<() => void>()
  return {
    watch: (onChange) => {
      const tell: Tell = (by) => onChange(by === undefined ? { point } : { point, by })
      const parts = [
        events((event) => void queue.run(() => judgeEvent(event, options, tell))),
        watchClock(
          () => clock.now() - uptime(),
          (moved) => tell(`the clock, which moved by ${moved} ms`),
        ),
        foreign.onDifference(tell),
      ]
      const stop = (): void => {
        for (const part of parts) part()
        stops.delete(stop)
      }
      stops.add(stop)
      return stop
    },
    stop: () => {
      for (const stop of stops) stop()
      foreign.stop()
    },
  }
}

type Tell = (by: string | undefined) => void

/** Runs between the driver's own acts, so that it knows which transactions were ours. */
function judgeEvent(event: RulesetEvent, { generations, view, foreign }: ChangeWatchOptions, tell: Tell): void {
  if (event === 'lost') {
    view.distrust()
    tell(undefined)
  } else if (generations.isOwn(event)) return
  else if (touchesUs(event)) tell(nameOf(event))
  else {
    generations.noteHarmless(event.generation)
    foreign.soon(nameOf(event))
  }
}

function touchesUs({ tables }: RulesetChange): boolean {
  return tables.size === 0 || tables.has(`inet ${TABLE}`) || tables.has(`inet ${BASE_TABLE}`)
}

function nameOf({ process, name }: RulesetChange): string {
  return `process ${process} (${name})`
}
