/**
 * What just-in-time access could do, or does, for a machine: configured, not configured or unsupported, each with the
 * reason (behaviour reference §8). Drivers say who gets in ({@link Exposure}); the judgement is here and is the same for
 * every platform.
 */
import type { GrantId } from './hole.ts'

/** A rule that lets a packet in, named so that a person finds it. */
export interface ExposingRule {
  /** Its name or id: `Allow-SSH`, `sgr-0123`. */
  readonly rule: string
  /** Where order decides. */
  readonly priority?: number
  /** What it is a rule of, in words: `NSG web-nsg`, `security group sg-1 (web)`. */
  readonly of: string
  /** The enforcement point that carries it, where there is one. */
  readonly point?: string
}

/** Somebody gets in: one port at one address of a machine, through every rule on the way. */
export interface Exposure {
  readonly port: number
  readonly protocol: 'TCP' | 'UDP'
  /** Everybody on the internet, or only some. */
  readonly breadth: 'everybody' | 'some'
  /** Who: `*`, prefixes, or names that only the cloud can resolve. */
  readonly from: readonly string[]
  /** `maybe`: a rule on the way names what only the cloud can resolve. */
  readonly letIn: 'yes' | 'maybe'
  /** The machine's own address. */
  readonly address: string
  /** Where the internet reaches it; undefined when it does not. */
  readonly publicAddress?: string
  /** The rules that let it in, from the outside to the machine; never empty. */
  readonly through: readonly ExposingRule[]
  /** The grants whose holes these are; empty when rules of others let it in. */
  readonly grants: readonly GrantId[]
}
