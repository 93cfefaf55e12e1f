/**
 * What somebody did to the rulesets of this network namespace, transaction by transaction, as the kernel tells it.
 * The expiry of an element is not among it: the kernel does not tell.
 */
export interface RulesetChange {
  readonly generation: number
  /** The process, or the thread, that did it, as the kernel's first process namespace numbers it. */
  readonly process: number
  /** The name that process gave itself: a hint for people, never a proof. */
  readonly name: string
  /** `inet sallyport`, `ip filter`: every table that the transaction touched. */
  readonly tables: ReadonlySet<string>
}

/** `lost`: events were dropped or the source had to start again; anything may have happened. */
export type RulesetEvent = RulesetChange | 'lost'

/** Starts telling; returns how to stop. */
export type RulesetEvents = (onEvent: (event: RulesetEvent) => void) => () => void
