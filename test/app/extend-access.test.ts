import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { closeAccess } from '../../src/app/requests/close-access.ts'
import { configurePolicy } from '../../src/app/policies/configure-policy.ts'
import { extendAccess, previewExtension } from '../../src/app/requests/extend-access.ts'
import type { Caller } from '../../src/app/ports/caller.ts'
import type { StoredRequest } from '../../src/app/ports/rows.ts'
import { removePolicy } from '../../src/app/policies/remove-policy.ts'
import { requestAccess } from '../../src/app/requests/request-access.ts'
import type { ExtensionInput } from '../../src/domain/access/extension.ts'
import type { Result } from '../../src/domain/refusal.ts'
import { formatInstant, HOUR, MINUTE, SECOND, type Instant } from '../../src/domain/time.ts'
import {
  aPolicyPlace,
  aMachineId,
  aRequest,
  NOON,
  policyMachines,
  valueOf,
  type PolicySpec,
  type RequestSpec,
} from '../support/builders.ts'
import { ALICE, groupPoint, startInstallation, type TestInstallation } from '../support/installation.ts'

const { address: ADDRESS, id: POLICY_ID, key: POLICY } = aPolicyPlace()

let installation: TestInstallation
beforeEach(async () => {
  installation = await startInstallation()
})
afterEach(() => installation.stop())

async function protect(spec: PolicySpec): Promise<void> {
  const input = { address: ADDRESS, kind: 'Basic', machines: policyMachines(spec), caller: ALICE, force: false }
  valueOf(await configurePolicy(installation.app, input))
}

async function ask(spec: RequestSpec): Promise<StoredRequest> {
  const input = { policy: POLICY, policyId: POLICY_ID, body: aRequest(spec), caller: ALICE }
  return valueOf(await requestAccess(installation.app, input))
}

function extend(
  request: StoredRequest,
  asked: ExtensionInput,
  rest: { grants?: StoredRequest['grants']; caller?: Caller } = {},
): Promise<Result<StoredRequest>> {
  const { grants, caller = ALICE } = rest
  const chosen = grants === undefined ? {} : { grants: grants.map(({ grant }) => grant) }
  return extendAccess(installation.app, { request: request.id, asked, caller, ...chosen })
}

const ends = (request: StoredRequest): Instant[] => request.grants.map(({ until }) => until)

function codes(result: Result<unknown>): string[] {
  return result.ok ? [] : result.refusals.map(({ code }) => code)
}

/** The ends that the firewall's own rules tell. */
const told = (): string[] =>
  (installation.groups.get(groupPoint('nsg1'))?.rules ?? [])
    .filter(({ access }) => access === 'Allow')
    .map(({ description }) => description)

describe('extending access', () => {
  it('keeps it open until the new end, and closes it then', async () => {
    await protect({})
    const request = await ask({ duration: 'PT1H' })
    await installation.pass(50 * MINUTE)
    const extended = valueOf(await extend(request, { duration: 'PT2H' }))
    const end = NOON + 50 * MINUTE + 2 * HOUR
    expect(ends(extended)).toEqual([end])
    expect(extended.grants[0]).toMatchObject({ state: 'open', endTimeUtc: formatInstant(end) })
    expect(told()).toEqual([expect.stringContaining(new Date(end).toISOString().slice(0, 16))])
    await installation.pass(10 * MINUTE)
    expect(told()).toHaveLength(1)
    await installation.pass(end - installation.now() - 1)
    expect(told()).toHaveLength(1)
    await installation.pass(1)
    expect(told()).toHaveLength(0)
    const closed = await installation.app.store.reads.request(request.id)
    expect(closed?.grants[0]).toMatchObject({ state: 'closed', reason: 'Expired', until: end })
  })

  it('closes at the new end although the process died in between', async () => {
    await protect({})
    const request = await ask({ duration: 'PT1H' })
    valueOf(await extend(request, { duration: 'PT2H' }))
    installation.restart()
    await installation.pass(HOUR)
    expect(told()).toHaveLength(1)
    await installation.pass(HOUR)
    expect(told()).toHaveLength(0)
  })

  it('is repeated until it is done when the firewall does not answer', async () => {
    await protect({})
    const request = await ask({ duration: 'PT1H' })
    installation.faults.push({ kind: 'error before effect' })
    const extended = valueOf(await extend(request, { duration: 'PT2H' }))
    expect(ends(extended)).toEqual([NOON + 2 * HOUR])
    expect(told()[0]).toContain('13:00')
    await installation.pass(2 * SECOND)
    expect(told()[0]).toContain('14:00')
  })

  it('is allowed as far as a request made now would be, and not a second further', async () => {
    await protect({ max: 'PT3H' })
    const request = await ask({ duration: 'PT3H' })
    await installation.pass(2 * HOUR)
    expect(codes(await extend(request, { duration: 'PT3H1S' }))).toEqual(['DurationTooLong'])
    expect(codes(await extend(request, { until: formatInstant(NOON + 5 * HOUR + 1) }))).toEqual(['DurationTooLong'])
    expect(ends(valueOf(await extend(request, { until: formatInstant(NOON + 5 * HOUR) })))).toEqual([NOON + 5 * HOUR])
  })

  it('says every reason why not: nothing, two times, the past, a shorter end', async () => {
    await protect({})
    const request = await ask({ duration: 'PT1H' })
    expect(codes(await extend(request, {}))).toEqual(['InvalidExtension'])
    expect(codes(await extend(request, { duration: 'PT2H', until: '2026-01-31T14:00:00Z' }))).toEqual([
      'InvalidExtension',
    ])
    expect(codes(await extend(request, { until: '2026-01-31T11:00:00Z' }))).toEqual(['EndTimeInThePast'])
    expect(codes(await extend(request, { duration: 'PT30M' }))).toEqual(['EndNotLater'])
    expect(codes(await extend(request, { duration: 'soon' }))).toEqual(['InvalidDuration'])
    const [grant] = request.grants
    const unknown = { ...grant, grant: 'nope' } as StoredRequest['grants'][number] // any text may be asked for
    expect(codes(await extend(request, { duration: 'PT2H' }, { grants: [unknown] }))).toEqual(['GrantNotFound'])
  })

  it('twice to the same end is no mistake, and is told once', async () => {
    await protect({})
    const request = await ask({ duration: 'PT1H' })
    const until = formatInstant(NOON + 2 * HOUR)
    expect(ends(valueOf(await extend(request, { until })))).toEqual([NOON + 2 * HOUR])
    expect(ends(valueOf(await extend(request, { until })))).toEqual([NOON + 2 * HOUR])
    const events = await installation.audit()
    expect(events.filter(({ action }) => action === 'access.extended')).toHaveLength(1)
  })

  it('of what is over is refused: an end that has passed is not opened again', async () => {
    await protect({})
    const request = await ask({ duration: 'PT1H' })
    await installation.pass(HOUR)
    expect(codes(await extend(request, { duration: 'PT1H' }))).toEqual(['GrantNotLive'])
    expect(codes(await extend(request, { duration: 'PT1H' }, { grants: request.grants }))).toEqual(['GrantNotLive'])
    expect(told()).toHaveLength(0)
  })

  it('of what is over says how it ended: closed, or at its end a moment ago', async () => {
    await protect({ ports: [{ port: 22 }, { port: 3389 }] })
    const [closed, ended] = [await ask({ duration: 'PT2H' }), await ask({ ports: [{ port: 3389, duration: 'PT1H' }] })]
    await closeAccess(installation.app, { request: closed.id, caller: ALICE })
    installation.tick(HOUR)
    const whyNot = async (request: StoredRequest): Promise<string[]> => {
      const result = await extend(request, { duration: 'PT2H' }, { grants: request.grants })
      return result.ok ? [] : result.refusals.map(({ message }) => message)
    }
    const over = 'what is over cannot be extended; request it again'
    expect(await whyNot(closed)).toEqual([`the access to port 22 is closed: ${over}`])
    expect(await whyNot(ended)).toEqual([`the access to port 3389 ended at ${formatInstant(NOON + HOUR)}: ${over}`])
  })

  it('of one port leaves the others as they are, and closed ones closed', async () => {
    await protect({ ports: [{ port: 22 }, { port: 3389 }, { port: 5985 }] })
    const ports = [22, 3389, 5985].map((port) => ({ port, duration: 'PT1H' }))
    const request = await ask({ ports })
    const [first, second, third] = request.grants
    if (first === undefined || second === undefined || third === undefined) throw new Error('three grants')
    await closeAccess(installation.app, { request: request.id, grants: [second.grant], caller: ALICE })
    valueOf(await extend(request, { duration: 'PT2H' }, { grants: [first] }))
    const whole = valueOf(await extend(request, { duration: 'PT3H' }))
    expect(whole.grants.map(({ until, state }) => [(until - NOON) / HOUR, state])).toEqual([
      [3, 'open'],
      [1, 'closed'],
      [3, 'open'],
    ])
  })

  it('is refused when the policy no longer allows it: less time, other sources, another protocol, no policy', async () => {
    await protect({ max: 'PT3H' })
    const request = await ask({ duration: 'PT30M', from: '203.0.113.7' })
    await protect({ max: 'PT1H' })
    expect(codes(await extend(request, { duration: 'PT2H' }))).toEqual(['DurationTooLong'])
    await protect({ from: '198.51.100.0/24' })
    expect(codes(await extend(request, { duration: 'PT2H' }))).toEqual(['SourceNotAllowed'])
    await protect({ protocol: 'TCP' })
    expect(codes(await extend(request, { duration: 'PT2H' }))).toEqual(['PortNotInPolicy'])
    await removePolicy(installation.app, { policy: POLICY, caller: ALICE })
    expect(codes(await extend(request, { duration: 'PT2H' }))).toEqual(['PolicyNotFound'])
  })

  it('is refused when one of several sources is no longer allowed, whichever', async () => {
    await protect({})
    const request = await ask({ duration: 'PT1H', from: ['198.51.100.7', '203.0.113.7'] })
    await protect({ from: '198.51.100.0/24' })
    expect(codes(await extend(request, { duration: 'PT2H' }))).toEqual(['SourceNotAllowed'])
    await protect({ from: '203.0.113.0/24' })
    expect(codes(await extend(request, { duration: 'PT2H' }))).toEqual(['SourceNotAllowed'])
    await protect({ from: ['198.51.100.0/24', '203.0.113.0/24'] })
    expect(ends(valueOf(await extend(request, { duration: 'PT2H' })))).toEqual([NOON + 2 * HOUR])
  })

  it('lives on at every point of a machine, also where one is slower than the other', async () => {
    await protect({ machines: [aMachineId('db1')] })
    const request = await ask({ machines: [aMachineId('db1')], duration: 'PT1H' })
    installation.faults.push({ kind: 'error before effect' })
    valueOf(await extend(request, { duration: 'PT2H' }))
    await installation.pass(2 * SECOND)
    await installation.pass(HOUR)
    const rules = ['nsg1', 'nsg2'].map((name) => installation.groups.get(groupPoint(name))?.rules ?? [])
    expect(rules.map((of) => of.filter(({ access }) => access === 'Allow').length)).toEqual([1, 1])
  })

  it('is on record with both ends, who and why; a refusal with its reasons', async () => {
    await protect({ max: 'PT2H' })
    const request = await ask({ duration: 'PT1H' })
    valueOf(await extend(request, { duration: 'PT2H', justification: 'the disk is slower than we thought' }))
    await extend(request, { duration: 'PT9H' })
    const events = (await installation.audit()).map(({ data, ...event }) => ({
      ...event,
      data: JSON.parse(data) as unknown,
    }))
    expect(events.find(({ action }) => action === 'access.extended')).toMatchObject({
      actor: 'alice@example.org',
      request: request.id,
      target: aMachineId(),
      data: {
        port: 22,
        before: formatInstant(NOON + HOUR),
        after: formatInstant(NOON + 2 * HOUR),
        endTimeUtc: formatInstant(NOON + 2 * HOUR),
        justification: 'the disk is slower than we thought',
      },
    })
    expect(events.find(({ action }) => action === 'access.refused')).toMatchObject({
      target: POLICY_ID,
      request: request.id,
      data: { what: 'extend', code: 'DurationTooLong', machines: [aMachineId()], ports: [22] },
    })
  })

  it('can be tried without a trace', async () => {
    await protect({})
    const request = await ask({ duration: 'PT1H' })
    const before = await installation.audit()
    const tried = { request: request.id, asked: { duration: 'PT2H' }, caller: ALICE }
    expect(ends(valueOf(await previewExtension(installation.app, tried)))).toEqual([NOON + 2 * HOUR])
    expect(codes(await previewExtension(installation.app, { ...tried, asked: { duration: 'PT9H' } }))).toEqual([
      'DurationTooLong',
    ])
    expect(await installation.audit()).toEqual(before)
    expect((await installation.app.store.reads.request(request.id))?.grants).toEqual(request.grants)
  })

  it('is not told to somebody who may not see the request', async () => {
    await protect({})
    const request = await ask({ duration: 'PT1H' })
    const stranger: Caller = { name: 'eve', address: '192.0.2.1', principals: ['eve'], isBreakGlass: false }
    expect(codes(await extend(request, { duration: 'PT2H' }, { caller: stranger }))).toEqual(['RequestNotFound'])
  })
})
