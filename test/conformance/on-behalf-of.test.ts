import { afterEach, beforeEach, expect, test } from 'vitest'
import { ok } from '../../src/domain/refusal.ts'
import { initiateBody, policyBody, policyPath, rule, VERSION } from './bodies.ts'
import { startPeopledServer, type PeopledServer } from './people.ts'
import { machineId, startServer, SUBSCRIPTION, TOKEN, type RunningServer } from './running-server.ts'

const FOR_ADA = { 'x-sallyport-on-behalf-of': 'ada@example.org' }

/** `robot` is a program, which has no name; `ada` uses a chat client; both may do everything. */
const authenticate = async (token: string) =>
  token === 'robot'
    ? ok({ name: '', principals: ['id-of-robot'], isBreakGlass: true })
    : ok({ name: 'ada@example.org', principals: ['id-of-ada'], isBreakGlass: true, through: 'chat' })

let server: RunningServer
beforeEach(async () => {
  server = await startServer({ authenticate })
  const body = policyBody({ [machineId('web1')]: [rule()] })
  await server.call('PUT', `${policyPath()}${VERSION}`, { token: 'robot', body })
})
afterEach(() => server.stop())

const initiate = (token: string, headers = {}) =>
  server.call('POST', `${policyPath()}/initiate${VERSION}`, { token, headers, body: initiateBody() })
const requested = async () =>
  (await server.call('GET', '/api/v1/audit?action=access.requested', { token: TOKEN })).body.value.map(
    ({ actor, data }: { actor: string; data: Record<string, unknown> }) => [
      actor,
      data['through'],
      data['claimedOnBehalfOf'],
    ],
  )

test('for whom a program says that it acts is on record as its word, beside the program', async () => {
  expect((await initiate('robot', FOR_ADA)).status).toBe(202)
  expect((await initiate('robot')).status).toBe(202)
  expect(await requested()).toEqual([
    ['id-of-robot', undefined, 'ada@example.org'],
    ['id-of-robot', undefined, undefined],
  ])
})

test('through which program a person acts is on record as the issuer says it', async () => {
  await initiate('ada')
  expect(await requested()).toEqual([['ada@example.org', 'chat', undefined]])
})

test('a person cannot act in somebody else’s name, and what is no name is refused', async () => {
  for (const [token, header] of [
    ['ada', 'bob@example.org'],
    ['robot', 'x'.repeat(257)],
  ] as const) {
    const { status, body } = await initiate(token, { 'x-sallyport-on-behalf-of': header })
    expect([status, body.error.code]).toEqual([400, 'InvalidOnBehalfOf'])
  }
})

test('no right comes of it', async () => {
  const people: PeopledServer = await startPeopledServer()
  try {
    await people.assign('Owner', 'ada', `/subscriptions/${SUBSCRIPTION}`)
    const headers = { 'x-sallyport-on-behalf-of': 'ada' }
    const reply = await people.call('PUT', `${policyPath()}${VERSION}`, {
      token: 'is.eve',
      headers,
      body: policyBody(),
    })
    expect([400, 403]).toContain(reply.status)
  } finally {
    await people.stop()
  }
})
