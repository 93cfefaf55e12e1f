/**
 * What a pass does to a VPC, in an order in which no neighbour is closed for a moment and nothing protected is left
 * open at the end: see `plan-vpc.ts`. Each may be repeated.
 */
import type { Schedule } from './belt.ts'
import type { NewRule, Tags } from './group-rule.ts'

/** A group by its id, or by the name under which an earlier operation of the plan makes it. */
export type GroupRef = { readonly id: string } | { readonly name: string }

export type Operation =
  /** The new group lets nothing out: else every interface that carries it would let everything out. */
  | { readonly kind: 'create'; readonly name: string; readonly description: string; readonly tags: Tags }
  /** Takes away outbound rules that somebody wrote into a group of ours. */
  | { readonly kind: 'seal'; readonly group: string }
  | { readonly kind: 'authorize'; readonly group: GroupRef; readonly rules: readonly NewRule[] }
  | { readonly kind: 'revoke'; readonly group: string; readonly rules: readonly string[] }
  | { readonly kind: 'tag'; readonly group: string; readonly rule: string; readonly tags: Tags }
  /** What others put on or took off the interface meanwhile stays as they left it. */
  | {
      readonly kind: 'attach'
      readonly networkInterface: string
      readonly add: readonly GroupRef[]
      readonly remove: readonly string[]
    }
  | { readonly kind: 'delete'; readonly group: string }
  | { readonly kind: 'schedule'; readonly schedule: Schedule }
  | { readonly kind: 'unschedule'; readonly name: string }
