/**
 * What just-in-time access could do, or does, for a machine: configured, not configured or unsupported, each with the
 * reason (behaviour reference §8). Drivers say who gets in ({@link Exposure}); the judgement is here and is the same for
 * every platform.
 */
import type { ProtectedPort } from './access/desired.ts'
import type { GrantId } from './access/hole.ts'
import type { Facts, Refusal } from './refusal.ts'
import { formatInstant, type Instant } from './time.ts'

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
  /** `maybe`: a rule on the way names what only the cloud can resolve, or cannot be read. */
  readonly letIn: 'yes' | 'maybe'
  /** Why it is not known for sure, where something on the machine itself decides that nobody can read. */
  readonly unread?: Refusal
  /** The machine's own address. */
  readonly address: string
  /** Where the internet reaches it; undefined when it does not. */
  readonly publicAddress?: string
  /** The rules that let it in, from the outside to the machine; never empty. */
  readonly through: readonly ExposingRule[]
  /** The grants whose holes these are; empty when rules of others let it in. */
  readonly grants: readonly GrantId[]
}

export const CATEGORIES = ['configured', 'notConfigured', 'unsupported'] as const
export type Category = (typeof CATEGORIES)[number]
export const SEVERITIES = ['High', 'Low', 'Healthy'] as const
export type Severity = (typeof SEVERITIES)[number]
export const HEALTHS = ['Healthy', 'Unhealthy', 'NotApplicable'] as const
export type Health = (typeof HEALTHS)[number]

/** Why just-in-time access cannot be had, or who gets in cannot be told; the groups of the original's page, and firewalls of hosts. */
export const UNSUPPORTED = [
  'missingNsgOrFirewall',
  'classicMachine',
  'managedFirewall',
  'unreadableFirewall',
  'disabledByPlan',
  'stopped',
  'other',
] as const
export type Unsupported = (typeof UNSUPPORTED)[number]

/** The ports by which machines are managed: SSH, RDP, and both of WinRM. */
export const MANAGEMENT_PORTS: readonly ProtectedPort[] = [22, 3389, 5985, 5986].map((number) => ({
  number,
  protocol: 'TCP',
}))

export interface PostureFacts {
  /** Whether a policy names it. */
  readonly isConfigured: boolean
  /** Whether its subscription is on the plan. */
  readonly isPlanOn: boolean
  readonly power?: 'running' | 'stopped'
  /** Why nothing can enforce rules for it. */
  readonly unsupported?: Refusal
  /** Since when nobody hears from it. */
  readonly unreachableSince?: Instant
  /** Who gets in at its protected ports if it is configured, else at the management ports; undefined when nobody can tell. */
  readonly exposures: readonly Exposure[] | undefined
}

/** One thing that is wrong, as a sentence that names the rule. */
export interface PostureFinding {
  readonly code: 'OpenToEverybody' | 'OpenToSome' | 'PerhapsOpen' | 'NotEnforced' | 'Unreachable'
  readonly severity: Severity
  readonly port?: number
  readonly text: string
  readonly because: Because
}

/** What a sentence about a machine says, for whoever words it in another language. */
export interface Because {
  /** Of this module, or a driver's for what nothing can enforce. */
  readonly code: string
  readonly facts?: Facts
}

export interface Posture {
  readonly category: Category
  /** Of machines that are not configured, and of findings on those that are. */
  readonly severity?: Severity
  readonly health: Health
  readonly why?: Unsupported
  /** A sentence that explains it by the worst of the findings. */
  readonly reason: string
  readonly because: Because
  /** Worst first. */
  readonly findings: readonly PostureFinding[]
}

/**
 * The decision tree; docs/use/posture.md draws it. A machine that a policy names is judged as configured whatever else is
 * the matter with it: what the policy says is enforced, or it is a finding that it cannot be.
 */
export function postureOf(facts: PostureFacts): Posture {
  if (facts.isConfigured) return configured(facts)
  const { unsupported, isPlanOn, power, exposures } = facts
  if (!isPlanOn)
    return notApplicable('disabledByPlan', {
      code: 'PlanOff',
      message: 'the plan that just-in-time access needs is off on its subscription',
    })
  if (unsupported !== undefined) return notApplicable(whyOf(unsupported), unsupported)
  if (power === 'stopped')
    return notApplicable('stopped', {
      code: 'Stopped',
      message: 'it is stopped; what it lets in shows when it runs',
    })
  if (exposures === undefined) return unknown(facts.unreachableSince)
  const unread = whyUnread(exposures)
  return unread === undefined ? notConfigured(exposures) : notApplicable('unreadableFirewall', unread)
}

/** The codes of drivers; any other is `other`. */
const WHY: Readonly<Record<string, Unsupported>> = {
  NoSecurityGroup: 'missingNsgOrFirewall',
  NoNetworkInterface: 'missingNsgOrFirewall',
  ClassicMachine: 'classicMachine',
  FirewallPolicy: 'managedFirewall',
}

function whyOf({ code }: Refusal): Unsupported {
  return (Object.hasOwn(WHY, code) ? WHY[code] : undefined) ?? 'other'
}

/** What is known to be open is told all the same, and what is known to be closed. */
function whyUnread(exposures: readonly Exposure[]): Refusal | undefined {
  if (exposures.some(({ letIn }) => letIn === 'yes')) return undefined
  return exposures.find(({ unread }) => unread !== undefined)?.unread
}

function notApplicable(why: Unsupported, { code, message: reason, facts }: Refusal): Posture {
  const because = { code, ...(facts !== undefined && { facts }) }
  return { category: 'unsupported', health: 'NotApplicable', why, reason, because, findings: [] }
}

/** Configured is healthy in the original whatever else lets somebody in; here what others leave open is a finding. */
function configured({ unsupported, unreachableSince: since, exposures = [] }: PostureFacts): Posture {
  const enforced: PostureFinding[] = unsupported === undefined ? [] : [notEnforced(unsupported)]
  const silent: PostureFinding[] = since === undefined ? [] : [unreachable(since)]
  const findings = byWeight([...enforced, ...silent, ...openByOthers(exposures)])
  const [worst] = findings
  const severity = worst?.severity ?? 'Healthy'
  return {
    category: 'configured',
    severity,
    health: severity === 'Healthy' ? 'Healthy' : 'Unhealthy',
    reason:
      worst === undefined
        ? 'its protected ports are closed but for what was granted'
        : explained('configured, yet ', findings),
    because: becauseOf(findings, 'Protected'),
    findings,
  }
}

function notEnforced({ code, message }: Refusal): PostureFinding {
  const text = `its policy cannot be enforced: ${message}`
  return { code: 'NotEnforced', severity: 'High', text, because: { code: 'NotEnforced', facts: { cause: code } } }
}

function unreachable(at: Instant): PostureFinding {
  const since = formatInstant(at)
  const text = `nobody hears from its agent since ${since}: what is protected stays so, but nothing can be opened`
  return { code: 'Unreachable', severity: 'Low', text, because: { code: 'Unreachable', facts: { since } } }
}

/** What lets somebody in beside what was granted, worst first. */
export function openByOthers(exposures: readonly Exposure[]): PostureFinding[] {
  return byWeight(findingsOf(exposures.filter(({ grants }) => grants.length === 0)))
}

function notConfigured(exposures: readonly Exposure[]): Posture {
  const findings = byWeight(findingsOf(exposures))
  const severity = findings[0]?.severity ?? 'Healthy'
  return {
    category: 'notConfigured',
    severity,
    health: severity === 'Healthy' ? 'Healthy' : 'Unhealthy',
    reason:
      findings.length === 0
        ? 'its management ports are closed already: just-in-time access is not needed'
        : explained('', findings),
    because: becauseOf(findings, 'AlreadyClosed'),
    findings,
  }
}

function unknown(unreachableSince: Instant | undefined): Posture {
  const { text, because } = unreachableSince === undefined ? FILTERS_UNKNOWN : unseenSince(unreachableSince)
  const findings: PostureFinding[] = [{ code: 'PerhapsOpen', severity: 'Low', text, because }]
  return { category: 'notConfigured', severity: 'Low', health: 'Unhealthy', reason: text, because, findings }
}

const FILTERS_UNKNOWN = {
  text: 'no policy protects its management ports, and what else filters them is not known',
  because: { code: 'FiltersUnknown' },
}

function unseenSince(at: Instant): Pick<PostureFinding, 'text' | 'because'> {
  const since = formatInstant(at)
  const text = `no policy protects its management ports, and who gets in cannot be told: nobody hears from its agent since ${since}`
  return { text, because: { code: 'UnseenSince', facts: { since } } }
}

function becauseOf([worst, ...others]: readonly PostureFinding[], code: string): Because {
  return worst === undefined ? { code } : { ...worst.because, facts: { ...worst.because.facts, more: others.length } }
}

function explained(before: string, [worst, ...others]: readonly PostureFinding[]): string {
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`
  return `${before}${worst?.text ?? ''}${more}`
}

/** One for each port and way in, however many addresses and protocols it goes by. */
function findingsOf(exposures: readonly Exposure[]): PostureFinding[] {
  const found = new Map<string, PostureFinding>()
  for (const exposure of exposures) {
    const finding = findingOf(exposure)
    found.set(finding.text, found.get(finding.text) ?? finding)
  }
  return [...found.values()]
}

function findingOf(exposure: Exposure): PostureFinding {
  const { port, letIn, breadth, publicAddress, address } = exposure
  const by = exposure.through.map(ruleText).join(' and ')
  const rules = exposure.through.map(({ rule, of }) => `${rule} (${of})`).join(', ')
  const from = breadth === 'everybody' ? (publicAddress === undefined ? address : publicAddress) : whoText(exposure)
  const facts = { port, rules, from }
  if (letIn === 'maybe')
    return {
      code: 'PerhapsOpen',
      severity: 'Low',
      port,
      text: `port ${port} may be open to ${whoText(exposure)} by ${by}`,
      because: { code: 'PerhapsOpen', facts },
    }
  const says =
    breadth !== 'everybody' ? 'OpenToSome' : publicAddress === undefined ? 'OpenToReachers' : 'OpenToInternet'
  const open = {
    port,
    text: `port ${port} is open to ${whoText(exposure)} by ${by}`,
    because: { code: says, facts },
  }
  return breadth === 'everybody'
    ? { code: 'OpenToEverybody', severity: 'High', ...open }
    : { code: 'OpenToSome', severity: 'Low', ...open }
}

const MOST_NAMED = 5

function whoText({ breadth, from, publicAddress, address }: Exposure): string {
  if (breadth === 'everybody') return publicAddress === undefined ? `everybody who reaches ${address}` : 'the internet'
  const more = from.length > MOST_NAMED ? ` and ${from.length - MOST_NAMED} more` : ''
  return from.slice(0, MOST_NAMED).join(', ') + more
}

function ruleText({ rule, priority, of }: ExposingRule): string {
  return `rule ${rule}${priority === undefined ? '' : ` at priority ${priority}`} in ${of}`
}

const WEIGHT: Readonly<Record<PostureFinding['code'], number>> = {
  NotEnforced: 0,
  OpenToEverybody: 1,
  OpenToSome: 2,
  Unreachable: 3,
  PerhapsOpen: 4,
}

function byWeight(findings: readonly PostureFinding[]): PostureFinding[] {
  return findings.toSorted((a, b) => WEIGHT[a.code] - WEIGHT[b.code] || (a.port ?? 0) - (b.port ?? 0))
}
