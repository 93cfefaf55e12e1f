/** A machine as lists know it: where it lies, what is found about it, and what it is searched by. */
import type { MachinePosture } from './judge-machine.ts'
import type { Posture } from '../../domain/posture.ts'
import type { ActionChoice } from '../../domain/roles/required-actions.ts'

export interface PostureRow extends MachinePosture {
  /** Lower case. */
  readonly nameKey: string
  readonly groupKey: string
  /** Its name, and the end of its id where that is another; lower case. */
  readonly words: string
  readonly place: Place
  readonly kind: Kind
}

/** Where machines of one kind lie side by side: what is granted there is granted for each of them. */
export interface Place {
  /** Lower case, without a slash at the end. */
  readonly scope: string
  /** What it takes to see them. */
  readonly need: ActionChoice
  /** How many of each kind lie there. */
  readonly tally: Tally
}

export type Tally = ReadonlyMap<Kind, number>

/** Everything that lists filter and count by. There are few, and equal ones are the same object. */
export interface Kind {
  readonly category: Posture['category']
  readonly severity: Posture['severity']
  readonly health: Posture['health']
  readonly why: Posture['why']
  readonly os: MachinePosture['os']
}

/** A machine that is there has an operating system; one that only a policy still names has none. */
export function isVanished({ os }: Kind): boolean {
  return os === undefined
}
