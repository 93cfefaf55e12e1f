import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { closeAccess } from '../../src/app/requests/close-access.ts'
import { configurePolicy } from '../../src/app/policies/configure-policy.ts'
import { removePolicy } from '../../src/app/policies/remove-policy.ts'
import { requestAccess } from '../../src/app/requests/request-access.ts'
import type { StoredRequest } from '../../src/app/ports/rows.ts'
import type { AuditAction } from '../../src/domain/audit/audit.ts'
import type { Result } from '../../src/domain/refusal.ts'
import { resourceKey } from '../../src/domain/resource-id.ts'
import { formatInstant, HOUR } from '../../src/domain/time.ts'
import { aPolicyPlace, aRequest, policyMachines, valueOf, type RequestSpec } from '../support/builders.ts'
import { ALICE, startInstallation, type TestInstallation } from '../support/installation.ts'

const CORRELATION = '11111111-2222-3333-4444-555555555555'
const CALLER = { ...ALICE, correlation: CORRELATION }
const { address: ADDRESS, id: POLICY_ID, key: POLICY } = aPolicyPlace()

let installation: TestInstallation
beforeEach(async () => {
  installation = await startInstallation()
})
afterEach(() => installation.stop())

async function protect(max: string): Promise<void> {
  const input = { address: ADDRESS, kind: 'Basic', machines: policyMachines({ max }), caller: CALLER, force: false }
  valueOf(await configurePolicy(installation.app, input))
}

function ask(spec: RequestSpec): Promise<Result<StoredRequest>> {
  const input = { policy: POLICY, policyId: POLICY_ID, body: aRequest(spec), caller: CALLER }
  return requestAccess(installation.app, input)
}

/** What the events of one action say, oldest first. */
async function said(action: AuditAction): Promise<Record<string, unknown>[]> {
  const events = await installation.audit()
  return events
    .filter((event) => event.action === action)
    .map(({ data }) => JSON.parse(data) as Record<string, unknown>) // what is appended is always an object
}

describe('the audit trail', () => {
  it('shows a policy as it was before and as it is after', async () => {
    await protect('PT1H')
    await protect('PT2H')
    await removePolicy(installation.app, { policy: POLICY, caller: CALLER })
    const [made, changed] = await said('policy.saved')
    expect(made).toMatchObject({ version: 1, before: null, after: policyMachines({ max: 'PT1H' }) })
    expect(changed).toMatchObject({ before: policyMachines({ max: 'PT1H' }), after: policyMachines({ max: 'PT2H' }) })
    expect(await said('policy.removed')).toMatchObject([{ before: policyMachines({ max: 'PT2H' }), after: null }])
  })

  it('tells when a port was seen open and when it was seen closed', async () => {
    await protect('PT3H')
    valueOf(await ask({ duration: 'PT1H' }))
    expect(await said('access.opened')).toMatchObject([{ observedOpenAt: formatInstant(installation.now()) }])
    await installation.pass(HOUR)
    expect(await said('access.closed')).toMatchObject([{ observedClosedAt: formatInstant(installation.now()) }])
  })

  it('ties what one call caused together by its correlation id', async () => {
    await protect('PT1H')
    const request = valueOf(await ask({ duration: 'PT1H' }))
    await closeAccess(installation.app, { request: request.id, caller: CALLER })
    await ask({ duration: 'PT9H', justification: 'please' })
    for (const action of ['policy.saved', 'access.requested', 'access.closing', 'access.refused'] as const)
      expect(await said(action)).toMatchObject([{ correlation: CORRELATION }])
    expect(await said('access.refused')).toMatchObject([{ justification: 'please', ports: [22] }])
    const found = await installation.app.store.reads.audit({ correlation: CORRELATION }, { limit: 10 })
    expect(found.map(({ action }) => action)).toEqual([
      'policy.saved',
      'access.requested',
      'access.closing',
      'access.refused',
    ])
  })

  it('withholds nothing that these use cases say', async () => {
    await protect('PT1H')
    const request = valueOf(await ask({ duration: 'PT1H', justification: 'on call' }))
    await ask({ duration: 'PT9H' })
    await closeAccess(installation.app, { request: request.id, caller: CALLER })
    await removePolicy(installation.app, { policy: POLICY, caller: CALLER })
    const events = await installation.audit()
    expect(events.length).toBeGreaterThan(5)
    expect(events.filter(({ data }) => data.includes('withheld'))).toEqual([])
  })

  it('is found by person, by machine and by time', async () => {
    await protect('PT1H')
    await ask({ duration: 'PT9H' })
    valueOf(await ask({ duration: 'PT1H' }))
    await installation.pass(HOUR)
    const { reads } = installation.app.store
    const actions = async (filter: Parameters<typeof reads.audit>[0]): Promise<string[]> =>
      (await reads.audit(filter, { limit: 100 })).map(({ action }) => action)
    expect(await actions({ actor: 'ALICE@example.org' })).toEqual([
      'policy.saved',
      'access.refused',
      'access.requested',
    ])
    expect(await actions({ actor: 'sallyport' })).toEqual(['access.opened', 'access.closed'])
    const [machine] = policyMachines()
    const key = resourceKey((machine?.id ?? '') as Parameters<typeof resourceKey>[0]) // a well-formed id
    const all = ['policy.saved', 'access.refused', 'access.requested', 'access.opened', 'access.closed']
    expect(await actions({ machine: { key, points: [] } })).toEqual(all)
    expect(await actions({ machine: { key: `${key}0` as typeof key, points: [] } })).toEqual([]) // another machine
    expect(await actions({ until: installation.now() })).toEqual(all.slice(0, 4))
    expect(await actions({ since: installation.now() })).toEqual(['access.closed'])
  })
})
