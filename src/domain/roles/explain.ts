/** Why an action is or is not granted: which assignments allow it, and what stands between the others and it. */
import type { HeldRole } from './role-assignment.ts'
import { patternFor } from './role-definition.ts'
import { isWithin, type Scope } from './scope.ts'

export interface Finding {
  readonly held: HeldRole
  readonly verdict: 'allows' | 'excluded' | 'lacks the action' | 'is elsewhere'
  /** A sentence for a person. */
  readonly text: string
}

export interface Explanation {
  readonly allowed: boolean
  readonly text: string
  readonly principals: readonly string[]
  /** The ones that allow first. */
  readonly findings: readonly Finding[]
}

export interface Asked {
  readonly principals: readonly string[]
  readonly action: string
  readonly scope: Scope
}

/** `held`: every assignment of any of the principals, wherever it is. */
export function explain(held: readonly HeldRole[], asked: Asked): Explanation {
  const findings = held.map((each) => judge(each, asked)).toSorted((a, b) => rank(a) - rank(b))
  const allowing = findings.filter(({ verdict }) => verdict === 'allows')
  return {
    allowed: allowing.length > 0,
    text: summary(allowing[0], findings, asked),
    principals: asked.principals,
    findings,
  }
}

const ORDER: readonly Finding['verdict'][] = ['allows', 'excluded', 'is elsewhere', 'lacks the action']

function rank({ verdict }: Finding): number {
  return ORDER.indexOf(verdict)
}

function judge(held: HeldRole, { action, scope }: Asked): Finding {
  const { assignment, definition } = held
  const role = `${definition.roleName} of ${assignment.principalId} at ${assignment.scope.id}`
  const { granted, excluded } = patternFor(definition, action)
  const covers = isWithin(scope.key, assignment.scope.key)
  if (granted !== undefined && covers) return { held, verdict: 'allows', text: `${role} allows it by '${granted}'` }
  if (granted !== undefined)
    return {
      held,
      verdict: 'is elsewhere',
      text: `${role} has the action ('${granted}') but does not reach ${scope.id}`,
    }
  if (excluded !== undefined)
    return { held, verdict: 'excluded', text: `${role} leaves it out by its notAction '${excluded}'` }
  return { held, verdict: 'lacks the action', text: `${role} does not have the action` }
}

function summary(allowing: Finding | undefined, findings: readonly Finding[], asked: Asked): string {
  if (allowing !== undefined) return allowing.text
  const { principals, action, scope } = asked
  const who = principals.join(', ')
  if (findings.length === 0)
    return `${who} has no role assignment at all; one that has '${action}' at ${scope.id} or above is missing`
  return `none of the role assignments of ${who} (${findings.length}) grants '${action}' at ${scope.id}; a role that has it is missing there or above`
}
