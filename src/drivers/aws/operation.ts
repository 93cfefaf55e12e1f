/**
 * What a pass does to a VPC, in an order in which no neighbour is closed for a moment and nothing protected is left
 * open at the end: see `plan-vpc.ts`. Each may be repeated.
 */
import type { Schedule } from './belt.ts'
import type { NewRule, Tags } from './group-rule.ts'

/** A group by its id, or by the name under which an earlier operation of the plan makes it. */
export type GroupRef = { readonly id: string } | { readonly name: string }

export type Operation =
  | { readonly kind: 'create'; readonly name: string; readonly description: string; readonly tags: Tags }
  /** Takes away every outbound rule: a new group lets everything out, and so would every interface that carries it. */
  | { readonly kind: 'seal'; readonly group: GroupRef }
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
