/**
 * The eight invariants of the architecture, hunted after every step. They are judged from what is committed and from
 * what the ground lets in, by rules of their own: nothing here asks the code under test whether it is right, except for
 * the names of its rules.
 *
 * 6 (established connections survive) has no counter-example here: no driver call of this ground touches a connection.
 * The suites over real kernels hold it.
 */
import type { AuditAction, StoredAuditEvent } from '../../src/domain/audit/audit.ts'
import { FIRST_HASH } from '../../src/domain/audit/audit.ts'
import { isLive, isWanted, type Grant, type GrantState } from '../../src/domain/access/grant.ts'
import { slotOf, type GrantId } from '../../src/domain/access/hole.ts'
import { isOwned } from '../../src/domain/security-groups/jit-rule.ts'
import { formatSource } from '../../src/domain/net.ts'
import { resourceKey } from '../../src/domain/resource-id.ts'
import { fingerprint, formatRuleAddress, type SecurityRule } from '../../src/domain/security-groups/security-rule.ts'
import type { Instant, Millis } from '../../src/domain/time.ts'
import type { PointId } from '../../src/app/ports/inventory.ts'
import { elementsOf, type HostState } from '../support/host-driver.ts'
import { chainedHash } from '../../src/store/audit.ts'
import { HOST, HOST_POINT, pointsOf, type Cloud } from './cloud.ts'
import type { Ledger } from './ledger.ts'
import type { VpcCloud } from './vpc-cloud.ts'

export class Violation extends Error {
  constructor(invariant: number, what: string) {
    super(`invariant ${invariant}: ${what}`)
  }
}

/** Undisturbed, nothing takes longer: a back-off, a lease of a dead replica, a deadline, and a minute of lost wake-ups. */
const LONGEST_REACTION: Millis = 200_000

const ACTION: Readonly<Record<GrantState, AuditAction | undefined>> = {
  awaiting: undefined,
  opening: 'access.requested',
  open: 'access.opened',
  closing: 'access.closing',
  closed: 'access.closed',
  failed: 'access.failed',
}

/** The table above `Grant`, said again. */
const NEXT: Readonly<Record<GrantState, readonly GrantState[]>> = {
  awaiting: ['opening', 'failed'],
  opening: ['open', 'closing', 'failed'],
  open: ['closing', 'closed'],
  closing: ['closed', 'failed'],
  closed: [],
  failed: [],
}

/** What one hole looks like on the ground, whoever made it. */
interface Opened {
  readonly point: PointId
  readonly key: string
}

export class Invariants {
  readonly #cloud: Cloud
  #ledger: Ledger
  #grants = new Map<GrantId, Grant>()
  readonly #hashes: string[] = []
  /** Of grants that were extended since anything was recorded of them: where the end stood. */
  readonly #endsBefore = new Map<GrantId, Instant>()
  /** Ends that somebody was answered. */
  readonly #promises = new Map<GrantId, Instant>()
  /** Since when something that should not be so is so. */
  readonly #since = new Map<string, Instant>()
  /** When anything last went wrong from outside. */
  #disturbed: Instant = 0

  constructor(cloud: Cloud, ledger: Ledger) {
    this.#cloud = cloud
    this.#ledger = ledger
  }

  get grants(): readonly Grant[] {
    return [...this.#grants.values()]
  }

  disturbed(now: Instant): void {
    this.#disturbed = now
  }

  /** After a commit: every transition has exactly one event, and the chain holds. Says which there were. */
  committed(): string[] {
    const events = this.#ledger.auditAfter(this.#hashes.length)
    this.#chain(events)
    const grants = this.#ledger.grants()
    for (const grant of grants) this.#transition(grant, events)
    for (const event of events) {
      if (event.grant !== undefined && !grants.some(({ grant }) => grant === event.grant))
        throw new Violation(7, `audit event ${event.seq} is about grant ${event.grant}, which does not exist`)
    }
    this.#grants = new Map(grants.map((grant) => [grant.grant, grant]))
    return events.map((event) => `  ${event.action} ${event.grant?.slice(0, 8) ?? event.target.slice(-8)}`)
  }

  #chain(events: readonly StoredAuditEvent[]): void {
    for (const event of events) {
      const hash = chainedHash(this.#hashes.at(-1) ?? FIRST_HASH, this.#hashes.length + 1, event)
      if (event.seq !== this.#hashes.length + 1 || event.hash !== hash)
        throw new Violation(7, `audit event ${event.seq} does not continue the chain`)
      this.#hashes.push(hash)
    }
  }

  #transition(grant: Grant, events: readonly StoredAuditEvent[]): void {
    const before = this.#grants.get(grant.grant)
    const moved = before !== undefined && before.until !== grant.until
    if (moved) this.#extended(before, grant)
    const expected = [
      ...(moved ? ['access.extended'] : []),
      ...(before?.state === grant.state ? [] : [ACTION[grant.state]]),
    ]
    const written = events.filter((event) => event.grant === grant.grant).map(({ action }) => action)
    if (written.join() !== expected.join())
      throw new Violation(
        7,
        `grant ${nameOf(grant)} went ${before?.state ?? 'nowhere'} → ${grant.state}, and the audit says [${written.join()}]`,
      )
    if (before !== undefined && before.state !== grant.state && !NEXT[before.state].includes(grant.state))
      throw new Violation(
        7,
        `grant ${nameOf(grant)} went from ${before.state} to ${grant.state}, which is not in its table`,
      )
  }

  /** An end moves only later, and only while the grant asks for its hole. */
  #extended(before: Grant, grant: Grant): void {
    const isLater = grant.until > before.until
    if (!isLater || (before.state !== 'opening' && before.state !== 'open') || grant.state === 'closed')
      throw new Violation(7, `the end of ${nameOf(grant)}, ${before.state}, went ${before.until} → ${grant.until}`)
    this.#endsBefore.set(grant.grant, this.#endsBefore.get(grant.grant) ?? before.until)
  }

  /** Somebody was told this end: it may only have moved later since. */
  promised(id: GrantId, until: Instant): void {
    const grant = this.#grants.get(id)
    if (grant === undefined || grant.until < until)
      throw new Violation(8, `grant ${id} was promised until ${until} and ends at ${grant?.until ?? 'no time'}`)
    this.#promises.set(id, Math.max(until, this.#promises.get(id) ?? 0))
  }

  /** The process died and the store was opened again from what was on disk. */
  reopened(ledger: Ledger, acknowledged: ReadonlySet<string>): void {
    this.#ledger = ledger
    const after = ledger.grants()
    for (const [id, grant] of this.#grants) {
      const found = after.find((candidate) => candidate.grant === id)
      if (found?.state !== grant.state)
        throw new Violation(
          8,
          `grant ${nameOf(grant)} was ${grant.state} and is ${found?.state ?? 'gone'} after the crash`,
        )
    }
    for (const [id, until] of this.#promises) {
      const found = after.find((candidate) => candidate.grant === id)
      if (found === undefined || found.until < until)
        throw new Violation(
          8,
          `grant ${id} was promised until ${until}; after the crash it ends at ${found?.until ?? 0}`,
        )
    }
    for (const request of acknowledged)
      if (ledger.requestCount(request) === 0) throw new Violation(8, `request ${request} was acknowledged and is gone`)
    this.committed()
  }

  /** A pass recorded what it saw: it must be so, if nobody touched the point since. */
  recorded(point: PointId, sightings: readonly { grant: GrantId; sighting: string }[], now: Instant): void {
    const open = new Set(this.#openedAt(point, now))
    for (const { grant: id, sighting } of sightings) {
      const grant = this.#grants.get(id)
      if (grant === undefined) throw new Violation(2, `a pass saw grant ${id}, which does not exist`)
      const keys = this.#keysOf(grant).filter((opened) => opened.point === point)
      const seenUntil = this.#seenUntil(grant)
      this.#endsBefore.delete(id)
      if (sighting === 'held' && keys.some(({ key }) => !open.has(key)) && now < seenUntil)
        throw new Violation(2, `${nameOf(grant)} was recorded as held at ${point} and is not there`)
      const wantedToo = (key: string): boolean =>
        this.grants.some(
          (other) =>
            other.grant !== id &&
            isLive(other.state) &&
            this.#keysOf(other).some((o) => o.point === point && o.key === key),
        )
      if (sighting === 'gone' && keys.some(({ key }) => open.has(key) && !wantedToo(key)))
        throw new Violation(2, `${nameOf(grant)} was recorded as gone at ${point} and is still there`)
    }
  }

  /** A driver changed a security group. */
  groupChanged(point: PointId, before: readonly SecurityRule[], after: readonly SecurityRule[], now: Instant): void {
    const was = new Set(before.filter(isHole).map(keyOfRule))
    const is = new Set(after.filter(isHole).map(keyOfRule))
    this.#opened(
      point,
      [...is].filter((key) => !was.has(key)),
    )
    this.#closed(
      point,
      [...was].filter((key) => !is.has(key)),
      now,
    )
    this.foreignKept(point)
  }

  /** A driver changed a VPC. */
  vpcChanged(vpc: VpcCloud, before: readonly string[], now: Instant): void {
    const after = vpc.opened()
    this.#opened(
      vpc.point,
      after.filter((key) => !before.includes(key)),
    )
    this.#closed(
      vpc.point,
      before.filter((key) => !after.includes(key)),
      now,
    )
  }

  /** At no moment is anybody closed who is not protected. */
  neighbourKept(vpc: VpcCloud): void {
    const robbed = vpc.neighbourRobbed()
    if (robbed !== undefined) throw new Violation(3, robbed)
  }

  hostChanged(before: HostState, after: HostState, now: Instant): void {
    this.#opened(
      HOST_POINT,
      [...after.elements.keys()].filter((key) => !before.elements.has(key)),
    )
    // A pass that began before somebody extended may write the end that stood then; the next one moves it.
    const isShorter = (key: string, end: Instant): boolean => (endOf(after, key) ?? 0) < end
    const shortened = [...before.elements].filter(([key, end]) => isShorter(key, end) && !this.#lives(after, key, now))
    this.#closed(
      HOST_POINT,
      shortened.map(([key]) => key),
      now,
    )
    for (const [key, until] of after.elements) {
      const latest = Math.max(0, ...this.#grantsOf(HOST_POINT, key).map((grant) => grant.until))
      if (until > latest)
        throw new Violation(4, `${key} on the host ends at ${until}, after every grant of it (${latest})`)
    }
  }

  /** True while the element reaches the end of every open grant that needs it. */
  #lives(host: HostState, key: string, now: Instant): boolean {
    const end = endOf(host, key) ?? 0
    return this.#grantsOf(HOST_POINT, key).every(
      (grant) => grant.state !== 'open' || now >= grant.until || end >= this.#seenUntil(grant),
    )
  }

  /** A pass that began before somebody extended goes by the end that stood then. */
  #seenUntil({ grant, until }: Pick<Grant, 'grant' | 'until'>): Instant {
    return this.#endsBefore.get(grant) ?? until
  }

  #opened(point: PointId, keys: readonly string[]): void {
    for (const key of keys) {
      const grants = this.#grantsOf(point, key)
      if (grants.length === 0) throw new Violation(1, `${key} was opened at ${point} without a committed grant`)
    }
  }

  #closed(point: PointId, keys: readonly string[], now: Instant): void {
    if (this.#isWalledOff(point)) return
    for (const key of keys) {
      const robbed = this.#grantsOf(point, key).find((grant) => grant.state === 'open' && isWanted(grant, now))
      if (robbed !== undefined)
        throw new Violation(5, `${key} was closed at ${point} although ${nameOf(robbed)} is open until ${robbed.until}`)
    }
  }

  /** A stranger denies at the very top, where no rule of ours fits above: grants fail there, and their rules go. */
  #isWalledOff(point: PointId): boolean {
    const rules = this.#cloud.groups.get(point)?.rules ?? []
    return rules.some((rule) => rule.access === 'Deny' && rule.priority <= 101 && !isOwned(rule))
  }

  /** Strangers' rules: all there, nothing but their number changed, in their order. */
  foreignKept(point: PointId): void {
    const rules = this.#cloud.groups.get(point)?.rules ?? []
    const theirs = new Map(rules.filter((rule) => !isOwned(rule)).map((rule) => [rule.name, rule]))
    const should = this.#cloud.foreign.get(point) ?? new Map<string, SecurityRule>()
    for (const [name, rule] of should) {
      const found = theirs.get(name)
      if (found === undefined) throw new Violation(3, `rule '${name}' of a stranger is gone from ${point}`)
      if (unnumbered(found) !== unnumbered(rule))
        throw new Violation(3, `rule '${name}' of a stranger was changed at ${point}`)
    }
    if (theirs.size > should.size) throw new Violation(3, `${point} has a rule that nobody wrote`)
  }

  /** Time has passed, or anything else: nothing may be wrong for longer than a reaction takes. */
  standing(now: Instant): void {
    const wrong = new Set<string>()
    for (const point of pointsOf(this.#cloud)) {
      const open = this.#openedAt(point, now)
      for (const key of open)
        if (!this.#grantsOf(point, key).some((grant) => isWanted(grant, now)))
          wrong.add(`4: ${key} is open at ${point} although no grant asks for it any more`)
      for (const grant of this.#grants.values()) {
        if (grant.state !== 'open' || !isWanted(grant, now)) continue
        for (const opened of this.#keysOf(grant))
          if (opened.point === point && !open.includes(opened.key))
            wrong.add(`5: ${opened.key} is shut at ${point} although ${nameOf(grant)} is open until ${grant.until}`)
      }
    }
    this.#tooLong(wrong, now)
  }

  #tooLong(wrong: ReadonlySet<string>, now: Instant): void {
    for (const known of this.#since.keys()) if (!wrong.has(known)) this.#since.delete(known)
    for (const fact of wrong) {
      const since = Math.max(this.#since.get(fact) ?? now, this.#disturbed)
      if (!this.#since.has(fact)) this.#since.set(fact, now)
      if (now - since > LONGEST_REACTION)
        throw new Violation(Number(fact[0]), `${fact.slice(3)}, for ${now - since} ms`)
    }
  }

  /** Undisturbed for long: everything is settled. */
  settled(now: Instant): void {
    for (const grant of this.#grants.values()) {
      const should = isWanted(grant, now) ? ['open', 'failed'] : ['closed', 'failed']
      if (!should.includes(grant.state))
        throw new Violation(
          2,
          `${nameOf(grant)} is still ${grant.state}, with its end at ${grant.until} and the time ${now}`,
        )
    }
    for (const point of pointsOf(this.#cloud))
      for (const key of this.#openedAt(point, now))
        if (!this.#grantsOf(point, key).some((grant) => isWanted(grant, now)))
          throw new Violation(4, `${key} is still open at ${point}`)
  }

  /** Everything was disabled: exactly the state before. */
  asBefore(now: Instant): void {
    for (const point of this.#cloud.groupPoints) {
      this.foreignKept(point)
      const rules = this.#cloud.groups.get(point)?.rules ?? []
      const ours = rules.find(isOwned)
      if (ours !== undefined) throw new Violation(3, `our rule ${ours.name} is left at ${point}`)
      for (const rule of rules) this.#asNumbered(point, rule)
    }
    const host = this.#cloud.hosts.look(HOST_POINT)
    if (host.shut.size > 0 || host.elements.size > 0)
      throw new Violation(3, `something of ours is left on the host at ${now}`)
    const difference = this.#cloud.vpc?.difference()
    if (difference !== undefined) throw new Violation(3, difference)
    const left = this.#ledger.journal()
    if (left.length > 0) throw new Violation(3, `the journal still has ${left.map((row) => row.entry_key).join()}`)
  }

  #asNumbered(point: PointId, rule: SecurityRule): void {
    const original = this.#cloud.foreign.get(point)?.get(rule.name)?.priority
    if (rule.priority !== original && !this.#cloud.reordered.has(point))
      throw new Violation(3, `rule '${rule.name}' at ${point} had ${original} and has ${rule.priority}`)
  }

  #openedAt(point: PointId, now: Instant): string[] {
    const { vpc } = this.#cloud
    if (point === vpc?.point) return vpc.opened()
    if (point !== HOST_POINT) return (this.#cloud.groups.get(point)?.rules ?? []).filter(isHole).map(keyOfRule)
    return [...this.#cloud.hosts.look(point).elements].filter(([, until]) => now < until).map(([key]) => key)
  }

  #grantsOf(point: PointId, key: string): Grant[] {
    return this.grants.filter((grant) =>
      this.#keysOf(grant).some((opened) => opened.point === point && opened.key === key),
    )
  }

  readonly #keys = new Map<GrantId, Opened[]>()

  /** Each rule and element that one grant is made of. */
  #keysOf(grant: Grant): Opened[] {
    const known = this.#keys.get(grant.grant)
    if (known !== undefined) return known
    const keys = grant.machine === HOST ? hostKeys(grant) : (this.#vpcKeys(grant) ?? this.#groupKeys(grant))
    this.#keys.set(grant.grant, keys)
    return keys
  }

  #vpcKeys(grant: Grant): Opened[] | undefined {
    const { vpc } = this.#cloud
    if (vpc?.machines.some(({ id }) => id === grant.machine) !== true) return undefined
    return vpc.keysOf(grant).map((key) => ({ point: vpc.point, key }))
  }

  #groupKeys(grant: Grant): Opened[] {
    const nics = this.#cloud.fleet.machines.find(({ id }) => id === grant.machine)?.nics ?? []
    return this.#cloud.groupPoints.flatMap((point) => {
      const to = nics.filter(({ group }) => `memory:${group}` === point).map(({ privateIp }) => privateIp)
      if (to.length === 0) return []
      return grant.sources.map((source) => ({
        point,
        key: holeText(formatSource(source), to.map(formatRuleAddress).join(), grant.port, grant.protocol),
      }))
    })
  }
}

function endOf(host: HostState, key: string): Instant | undefined {
  return [...host.elements].find(([other]) => other === key)?.[1]
}

function hostKeys(grant: Grant): Opened[] {
  return grant.sources.flatMap((source) => {
    const slot = slotOf(resourceKey(grant.machine), grant.port, source)
    return elementsOf({ slot, protocol: grant.protocol }).map((key) => ({ point: HOST_POINT, key }))
  })
}

function isHole(rule: SecurityRule): boolean {
  return isOwned(rule) && rule.access === 'Allow'
}

function keyOfRule(rule: SecurityRule): string {
  const ports = rule.destinationPorts.map(({ from, to }) => (from === to ? from : `${from}-${to}`)).join()
  return holeText(
    rule.sources.map(formatRuleAddress).join(),
    rule.destinations.map(formatRuleAddress).join(),
    ports,
    rule.protocol,
  )
}

function holeText(from: string, to: string, port: number | string, protocol: string): string {
  return `${from} → ${to}:${port}/${protocol}`
}

/** The members in the order of their names: Azure gives them in its own. */
function unnumbered(rule: SecurityRule): string {
  const { properties, ...rest } = rule.written
  const members = Object.entries({ ...properties, priority: 0 }).sort(([a], [b]) => (a < b ? -1 : 1))
  return fingerprint(rule) + JSON.stringify([rest, members])
}

function nameOf({ grant, machine, port }: Grant): string {
  return `${grant.slice(0, 8)} (${machine.slice(machine.lastIndexOf('/') + 1)}:${port})`
}
