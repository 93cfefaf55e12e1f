/**
 * What permission is decided by, in memory: a decision asks no database. Own changes are taken over as they commit; those
 * of another replica are noticed by the version, which is asked for at most once in {@link FRESH_FOR}. Whoever decides
 * awaits that question: nobody is let in on a memory that is older.
 */
import type { Clock } from '../ports/clock.ts'
import type { AccessRecord, PlanTier } from '../ports/role-record.ts'
import type { Store } from '../ports/store.ts'
import { BUILT_IN_ROLES } from '../../domain/roles/built-in-roles.ts'
import {
  addHeld,
  indexAssignments,
  removeHeld,
  type AssignmentIndex,
  type RoleAssignment,
} from '../../domain/roles/role-assignment.ts'
import type { RoleDefinition } from '../../domain/roles/role-definition.ts'
import { SECOND, type Instant, type Millis } from '../../domain/time.ts'

/** How long a right that another replica took away can still be used. */
const FRESH_FOR: Millis = SECOND

export interface AccessView {
  /** Another whenever anything of it is. */
  readonly version: number
  readonly definitions: ReadonlyMap<string, RoleDefinition>
  readonly assignments: ReadonlyMap<string, RoleAssignment>
  readonly index: AssignmentIndex
  /** By subscription, lower case; one that is not here is on the plan. */
  readonly plans: ReadonlyMap<string, PlanTier>
}

export type AccessChange =
  | { readonly kind: 'assigned' | 'unassigned'; readonly assignment: RoleAssignment }
  | { readonly kind: 'defined' | 'removed'; readonly definition: RoleDefinition }
  | { readonly kind: 'plan'; readonly subscription: string; readonly tier: PlanTier }

export interface AccessDeps {
  readonly store: { readonly reads: Pick<Store['reads'], 'roles'> }
  readonly clock: Clock
}

export class Access {
  readonly #deps: AccessDeps
  #memory: Memory | undefined
  #checkedAt: Instant = 0
  #checking: Promise<void> | undefined
  /** The newest version that this process wrote: anything read before it is too old. */
  #written = 0

  constructor(deps: AccessDeps) {
    this.#deps = deps
  }

  async now(): Promise<AccessView> {
    while (this.#memory === undefined || this.#deps.clock.now() - this.#checkedAt >= FRESH_FOR) {
      this.#checking ??= this.#check().finally(() => (this.#checking = undefined))
      await this.#checking
    }
    return this.#memory
  }

  /** To be called when the transaction of this version has committed. */
  changed(version: number, change: AccessChange): void {
    this.#written = Math.max(this.#written, version)
    if (this.#memory?.version === version - 1) {
      take(this.#memory, change)
      this.#memory.version = version
    } else this.#memory = undefined
  }

  async #check(): Promise<void> {
    const { clock, store } = this.#deps
    const began = clock.now()
    if (this.#memory === undefined || (await store.reads.roles.version()) !== this.#memory?.version) {
      const record = await store.reads.roles.all()
      this.#memory = record.version < this.#written ? undefined : memoryOf(record)
    }
    this.#checkedAt = began
  }
}

interface Memory {
  version: number
  readonly definitions: Map<string, RoleDefinition>
  readonly assignments: Map<string, RoleAssignment>
  index: ReturnType<typeof indexAssignments>
  readonly plans: Map<string, PlanTier>
}

function memoryOf({ version, ...record }: AccessRecord): Memory {
  const definitions = new Map([...record.definitions, ...BUILT_IN_ROLES].map((role) => [role.name, role]))
  const assignments = new Map(record.assignments.map((assignment) => [assignment.name, assignment]))
  const plans = new Map(record.plans.map(({ subscription, tier }) => [subscription, tier]))
  return { version, definitions, assignments, plans, index: indexAssignments(record.assignments, definitions) }
}

function take(memory: Memory, change: AccessChange): void {
  switch (change.kind) {
    case 'assigned': {
      const { assignment } = change
      const definition = memory.definitions.get(assignment.role)
      memory.assignments.set(assignment.name, assignment)
      if (definition !== undefined) addHeld(memory.index, { assignment, definition })
      return
    }
    case 'unassigned':
      memory.assignments.delete(change.assignment.name)
      return removeHeld(memory.index, change.assignment)
    case 'defined':
      memory.definitions.set(change.definition.name, change.definition)
      memory.index = indexAssignments(memory.assignments.values(), memory.definitions)
      return
    case 'removed':
      memory.definitions.delete(change.definition.name)
      return
    case 'plan':
      memory.plans.set(change.subscription, change.tier)
  }
}
