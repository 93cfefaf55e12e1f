import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { initiateBody, policyBody, policyPath, rule, VERSION } from './bodies.ts'
import { ROLE_VERSION, startPeopledServer, type PeopledServer } from './people.ts'
import { machineId, OTHER_SUBSCRIPTION, SUBSCRIPTION } from './running-server.ts'

const SUB = `/subscriptions/${SUBSCRIPTION}`
const OTHER = `/subscriptions/${OTHER_SUBSCRIPTION}`
const GROUP = `${SUB}/resourceGroups/myService1`
/** In the group of web1 and web2. */
const POLICY = policyPath('default', 'myService1')
const POLICIES = 'Microsoft.Security/locations/jitNetworkAccessPolicies'

/** The documented row "request" (behaviour reference §10). */
const REQUEST = [
  `${POLICIES}/initiate/action`,
  `${POLICIES}/*/read`,
  'Microsoft.Compute/virtualMachines/read',
  'Microsoft.Network/networkInterfaces/*/read',
  'Microsoft.Network/publicIPAddresses/read',
]
/** The documented row "configure". */
const CONFIGURE = [`${POLICIES}/write`, 'Microsoft.Compute/virtualMachines/write']

let server: PeopledServer
beforeEach(async () => {
  server = await startPeopledServer()
  const machines = Object.fromEntries([machineId('web1'), machineId('web2')].map((id) => [id, [rule()]]))
  await server.call('PUT', `${POLICY}${VERSION}`, { body: policyBody(machines) })
})
afterEach(() => server.stop())

const ask = (who: string, id = machineId('web1'), policy = POLICY) =>
  server.as(who, 'POST', `${policy}/initiate${VERSION}`, initiateBody({}, id))
const write = (who: string, id = machineId('web1'), policy = POLICY) =>
  server.as(who, 'PUT', `${policy}${VERSION}`, policyBody({ [id]: [rule()] }))
const show = (who: string, policy = POLICY) => server.as(who, 'GET', `${policy}${VERSION}`)
const outcome = (reply: Awaited<ReturnType<typeof ask>>) => [reply.status, reply.body?.error?.code]

describe('requesting access', () => {
  it('needs every action of the documented row, and names the one that is missing and where', async () => {
    await server.allow(REQUEST, 'all', GROUP)
    expect((await ask('all')).status).toBe(202)
    for (const missing of REQUEST) {
      const who = `lacks${REQUEST.indexOf(missing)}`
      await server.allow(
        REQUEST.filter((action) => action !== missing),
        who,
        GROUP,
      )
      const reply = await ask(who)
      expect(outcome(reply)).toEqual([403, 'AuthorizationFailed'])
      expect(reply.body.error.message).toContain(`'${missing.replace('Policies/*/read', 'Policies/read')}' over scope`)
    }
  })

  it('is judged alike when only tried', async () => {
    const dry = await server.as('eve', 'POST', `${POLICY}/initiate${VERSION}&dryRun=true`, initiateBody())
    expect(outcome(dry)).toEqual([403, 'AuthorizationFailed'])
  })

  it('is granted to Owner, Contributor and both JIT Requesters, through a group too', async () => {
    for (const role of ['Owner', 'Contributor', 'JIT Requester', 'JIT Requester (API only)']) {
      const group = `group${role.length}`
      await server.assign(role, group, GROUP)
      expect([role, (await ask(`someone.${group}`)).status]).toEqual([role, 202])
    }
  })

  it('may be allowed at the policy and at each machine alone', async () => {
    await server.allow(REQUEST.slice(0, 2), 'pia', POLICY)
    await server.allow(REQUEST.slice(2), 'pia', machineId('web1'))
    expect((await ask('pia')).status).toBe(202)
    const reply = await ask('pia', machineId('web2'))
    expect(outcome(reply)).toEqual([403, 'AuthorizationFailed'])
    expect(reply.body.error.message).toContain(machineId('web2'))
  })

  it('for a machine of another subscription needs the rights there', async () => {
    const far = machineId('far1', 'elsewhere', OTHER_SUBSCRIPTION)
    const machines = { [machineId('web1')]: [rule()], [far]: [rule()] }
    await server.call('PUT', `${POLICY}${VERSION}`, { body: policyBody(machines) })
    await server.assign('JIT Requester', 'alice', SUB)
    const reply = await ask('alice', far)
    expect(outcome(reply)).toEqual([403, 'LinkedAuthorizationFailed'])
    expect(reply.body.error.message).toContain(`has permission to perform action '${POLICIES}/initiate/action'`)
    expect(reply.body.error.message).toContain(`on the linked scope '${far}'`)
    await server.assign('Reader', 'alice', OTHER)
    expect((await ask('alice', far)).status).toBe(202)
  })

  it('that is refused for want of a right is on record and opens nothing', async () => {
    await ask('eve')
    const { body } = await server.call('GET', '/api/v1/audit?action=access.refused')
    expect(body.value[0]).toMatchObject({ actor: 'eve@example.org', data: { code: 'AuthorizationFailed' } })
    expect((await server.call('GET', '/api/v1/requests')).body.value).toEqual([])
  })
})

describe('configuring a policy', () => {
  it('needs both actions of the documented row, and is then written', async () => {
    await server.allow(CONFIGURE, 'all', GROUP)
    expect((await write('all')).status).toBe(200)
    for (const action of CONFIGURE) {
      await server.allow([action], `only${CONFIGURE.indexOf(action)}`, GROUP)
      expect(outcome(await write(`only${CONFIGURE.indexOf(action)}`))).toEqual([403, 'AuthorizationFailed'])
    }
  })

  it('for a machine of another group needs the right there', async () => {
    await server.allow(CONFIGURE, 'alice', GROUP)
    expect(outcome(await write('alice', machineId('db1', 'mainWS')))).toEqual([403, 'LinkedAuthorizationFailed'])
    await server.assign('Virtual Machine Contributor', 'alice', machineId('db1', 'mainWS'))
    expect((await write('alice', machineId('db1', 'mainWS'))).status).toBe(200)
  })

  it('and removing one tell nobody without the right whether there is one', async () => {
    const nowhere = policyPath('nowhere', 'myService1')
    for (const policy of [POLICY, nowhere]) {
      expect(outcome(await server.as('eve', 'DELETE', `${policy}${VERSION}`))).toEqual([403, 'AuthorizationFailed'])
      expect(outcome(await show('eve', policy))).toEqual([403, 'AuthorizationFailed'])
      expect(outcome(await ask('eve', machineId('web1'), policy))).toEqual([403, 'AuthorizationFailed'])
    }
    await server.assign('Contributor', 'carol', GROUP)
    expect(outcome(await show('carol', nowhere))).toEqual([404, 'PolicyNotFound'])
    expect((await server.as('carol', 'DELETE', `${nowhere}${VERSION}`)).status).toBe(204)
    expect((await server.as('carol', 'DELETE', `${POLICY}${VERSION}`)).status).toBe(200)
  })
})

describe('a list', () => {
  const policies = (scope: string) => `${scope}/providers/Microsoft.Security/jitNetworkAccessPolicies${VERSION}`
  const names = (reply: Awaited<ReturnType<typeof ask>>) =>
    reply.body.value.map(({ id, name }: { id: string; name?: string }) => name ?? id)

  it('of policies shows those that the caller may read, and refuses where that can be none', async () => {
    const other = policyPath('other', 'mainWS')
    await server.call('PUT', `${other}${VERSION}`, { body: policyBody({ [machineId('db1', 'mainWS')]: [rule()] }) })
    await server.assign('Reader', 'alice', GROUP)
    await server.assign('Security Reader', 'sue', other)
    expect(names(await server.as('alice', 'GET', policies(SUB)))).toEqual(['default'])
    expect(names(await server.as('sue', 'GET', policies(SUB)))).toEqual(['other'])
    expect(outcome(await server.as('sue', 'GET', policies(GROUP)))).toEqual([403, 'AuthorizationFailed'])
    expect(outcome(await server.as('eve', 'GET', policies(SUB)))).toEqual([403, 'AuthorizationFailed'])
  })

  it('of policies is cut into pages of what the caller may read, and its links tell of nothing else', async () => {
    for (const index of Array.from({ length: 5 }, (_, each) => each))
      await server.call('PUT', `${policyPath(`p${index}`, index % 2 === 0 ? 'seen' : 'unseen')}${VERSION}`, {
        body: policyBody(),
      })
    await server.assign('Reader', 'alice', `${SUB}/resourceGroups/seen`)
    const reply = await server.as('alice', 'GET', policies(SUB))
    expect([names(reply), reply.body.nextLink]).toEqual([['p0', 'p2', 'p4'], undefined])
  })

  it('of machines shows those that the caller may read, without the policies that it may not', async () => {
    await server.allow(['Microsoft.Compute/virtualMachines/read'], 'mia', machineId('web1'))
    await server.call('POST', `${POLICY}/initiate${VERSION}`, { body: initiateBody() })
    const seen = await server.as('mia', 'GET', '/api/v1/machines')
    expect(names(seen)).toEqual(['web1'])
    expect(seen.body.value[0]).toMatchObject({ policies: [], ports: [], grants: [] })
    await server.assign('Security Reader', 'mia', POLICY)
    expect((await server.as('mia', 'GET', '/api/v1/machines')).body.value[0]).toMatchObject({
      policies: [POLICY],
      grants: [{ port: 22 }],
    })
    expect(names(await server.as('eve', 'GET', '/api/v1/machines'))).toEqual([])
  })

  it('of events shows what happened where the caller may read the activity log', async () => {
    await server.assign('JIT Auditor', 'anna', GROUP)
    await server.assign('JIT Auditor', 'otto', OTHER)
    await server.assign('Reader', 'root', '/')
    const targets = async (who: string) => {
      const { body } = await server.as(who, 'GET', '/api/v1/audit?action=policy.saved,role.assigned')
      return new Set(body.value.map(({ target }: { target: string }) => target))
    }
    expect(await targets('anna')).toEqual(new Set([POLICY, GROUP]))
    expect(await targets('otto')).toEqual(new Set([OTHER]))
    expect(await targets('root')).toEqual(new Set([POLICY, GROUP, OTHER, '/']))
    expect(outcome(await server.as('eve', 'GET', '/api/v1/audit'))).toEqual([403, 'AuthorizationFailed'])
  })
})

describe('a request', () => {
  const idOf = async () => (await server.call('GET', '/api/v1/requests')).body.value[0].id as string // the newest
  const close = (who: string, id: string) => server.as(who, 'POST', `/api/v1/requests/${id}/close`)

  it('is closed by who made it; by others only with the right to write its policy', async () => {
    await server.assign('JIT Requester', 'alice', GROUP)
    await server.assign('JIT Requester', 'bob', GROUP)
    await server.assign('JIT Approver', 'april', GROUP)
    await ask('alice')
    const id = await idOf()
    expect(outcome(await close('bob', id))).toEqual([403, 'AuthorizationFailed'])
    expect(outcome(await close('eve', id))).toEqual([404, 'RequestNotFound'])
    expect((await server.call('GET', `/api/v1/requests/${id}`)).body.grants[0].state).toBe('open')
    expect((await close('alice', id)).body.grants[0].state).toBe('closed')
    await ask('bob')
    expect((await close('april', await idOf())).body.grants[0].state).toBe('closed')
  })

  it('is no namesake’s: programs have no name, and only the id counts', async () => {
    await server.assign('JIT Requester', 'alice', GROUP)
    await ask('alice')
    const id = await idOf()
    // In alice's group, not alice: the first id is one's own.
    expect(outcome(await close('mallory.alice', id))).toEqual([403, 'AuthorizationFailed'])
  })

  it('is seen by who made it and by who may read its policy, also after that is gone; to others it does not exist', async () => {
    const assignment = await server.assign('JIT Requester', 'alice', GROUP)
    await server.assign('Reader', 'rita', GROUP)
    await ask('alice')
    const id = await idOf()
    await server.call('DELETE', `${assignment}?${ROLE_VERSION}`)
    await server.call('DELETE', `${POLICY}${VERSION}`)
    for (const who of ['alice', 'rita']) {
      expect((await server.as(who, 'GET', `/api/v1/requests/${id}`)).status).toBe(200)
      expect((await server.as(who, 'GET', '/api/v1/requests')).body.value).toHaveLength(1)
    }
    expect(outcome(await server.as('eve', 'GET', `/api/v1/requests/${id}`))).toEqual([404, 'RequestNotFound'])
    expect((await server.as('eve', 'GET', '/api/v1/requests')).body.value).toEqual([])
  })
})

describe('the plan of a subscription', () => {
  const pricing = `${SUB}/providers/Microsoft.Security/pricings/VirtualMachines?api-version=2023-01-01`
  const set = (pricingTier: string) => server.call('PUT', pricing, { body: { properties: { pricingTier } } })

  it('is on when nobody said otherwise, as scripts of the original expect it', async () => {
    expect((await server.call('GET', pricing)).body).toMatchObject({
      name: 'VirtualMachines',
      type: 'Microsoft.Security/pricings',
      properties: { pricingTier: 'Standard', subPlan: 'P2' },
    })
    expect((await set('standard')).body.properties).toMatchObject({ pricingTier: 'Standard', subPlan: 'P2' })
  })

  it('refuses to open or configure anything while it is off, even to the administrator; what is open stays', async () => {
    const body = initiateBody()
    await server.call('POST', `${POLICY}/initiate${VERSION}`, { body })
    expect((await set('Free')).body.properties).not.toHaveProperty('subPlan')
    expect(outcome(await server.call('POST', `${POLICY}/initiate${VERSION}`, { body }))).toEqual([
      403,
      'SubscriptionPlanRequired',
    ])
    expect(outcome(await server.call('PUT', `${POLICY}${VERSION}`, { body: policyBody() }))).toEqual([
      403,
      'SubscriptionPlanRequired',
    ])
    expect((await server.call('GET', `${POLICY}${VERSION}`)).status).toBe(200)
    expect((await server.call('GET', '/api/v1/requests?live=true')).body.value).toHaveLength(1)
    await set('Standard')
    expect((await server.call('POST', `${POLICY}/initiate${VERSION}`, { body })).status).toBe(202)
  })

  it('is changed only by who may, and every change is on record', async () => {
    expect(outcome(await server.as('eve', 'PUT', pricing, { properties: { pricingTier: 'Free' } }))[0]).toBe(403)
    await server.assign('Security Admin', 'sam', SUB)
    expect((await server.as('sam', 'PUT', pricing, { properties: { pricingTier: 'Free' } })).status).toBe(200)
    const { body } = await server.call('GET', '/api/v1/audit?action=plan.changed')
    expect(body.value).toMatchObject([{ actor: 'sam@example.org', target: SUB, data: { tier: 'Free' } }])
    expect((await server.call('PUT', pricing, { body: { properties: { pricingTier: 'Gold' } } })).status).toBe(400)
  })
})
