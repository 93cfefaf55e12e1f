/**
 * A network security group as Azure writes it, and the body that puts it back with other rules. What this program does
 * not know stays as it was; only what Azure itself fills in is left out.
 */
import { applyChanges, type RuleChange } from '../../domain/security-groups/plan-rules.ts'
import {
  parseSecurityRule,
  type ArmSecurityRule,
  type SecurityRule,
} from '../../domain/security-groups/security-rule.ts'
import { isJson, listAt, recordAt, textAt, type Json } from './arm-answer.ts'

export interface NsgBody {
  /** Changes with every write. */
  readonly etag: string
  readonly rules: readonly SecurityRule[]
  /** True if connections that stand are judged anew, and may be cut, whenever a rule changes. */
  readonly flushConnection: boolean
  /** True while Azure still works on an earlier write: the rules are those to come, not yet those in force. */
  readonly isSettling: boolean
  /** True if Azure's last write failed: these rules were asked for, and nobody knows which are in force. */
  readonly isBroken: boolean
  readonly written: Json
}

const FILLED_IN = ['etag', 'id', 'name', 'type'] as const
const FILLED_IN_PROPERTIES = [
  'provisioningState',
  'resourceGuid',
  'defaultSecurityRules',
  'networkInterfaces',
  'subnets',
  'flowLogs',
] as const

/** Throws on a rule that cannot be understood: nobody could tell what is open. */
export function readNsg(body: unknown, what: string): NsgBody {
  const etag = textAt(body, 'etag')
  if (!isJson(body) || etag === undefined) throw new Error(`${what}: expected a network security group with an etag`)
  const properties = recordAt(body, 'properties')
  return {
    etag,
    rules: listAt(properties, 'securityRules').map((rule, index) => readRule(rule, `${what} rule ${index}`)),
    flushConnection: properties['flushConnection'] === true,
    isSettling: textAt(properties, 'provisioningState')?.toLowerCase() === 'updating',
    isBroken: textAt(properties, 'provisioningState')?.toLowerCase() === 'failed',
    written: body,
  }
}

function readRule(rule: unknown, place: string): SecurityRule {
  const parsed = parseSecurityRule(rule, place)
  if (parsed.ok) return parsed.value
  throw new Error(parsed.refusals.map(({ target, message }) => `${target ?? place}: ${message}`).join('; '))
}

/** What a PUT sends to make the changes and nothing else. */
export function nsgWith({ written, rules }: NsgBody, changes: readonly RuleChange[]): Json {
  const properties = without(recordAt(written, 'properties'), FILLED_IN_PROPERTIES)
  const securityRules = applyChanges(rules, changes).map(({ written: rule }) => sent(rule))
  return { ...without(written, FILLED_IN), properties: { ...properties, securityRules } }
}

function sent(rule: ArmSecurityRule): Json {
  return { ...without(rule, ['etag', 'type']), properties: without(rule.properties, ['provisioningState']) }
}

function without(given: Json, members: readonly string[]): Json {
  return Object.fromEntries(Object.entries(given).filter(([member]) => !members.includes(member)))
}
