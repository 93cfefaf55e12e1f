/** What a thief of a key, somebody without one, and a host that is not its own master any more can do to the server. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { connectAgent, enrolled, type Enrolled } from '../support/simulated-agent.ts'
import { openAgentDoor, type AgentDoor } from './agent-door.ts'

let at: AgentDoor

beforeAll(async () => {
  at = await openAgentDoor()
})

afterAll(() => at.stop())

const becomes = async (name: string): Promise<Enrolled> => enrolled(at.door, await at.invite(name), name)
const soon = (condition: () => unknown): Promise<unknown> => vi.waitFor(condition, { timeout: 2_000, interval: 10 })
const reportOf = async (name: string) => at.listener.hub.reportOf((await at.host(name)).id)

describe('a thief who connects while the key is good, and is silent', () => {
  it('is not heard once the host is revoked', async () => {
    const thief = await connectAgent(await becomes('revoked'), { isSilent: true })
    const other = await connectAgent(await becomes('other'))
    await soon(async () => expect(await reportOf('other')).toBeDefined())
    await at.revoke('revoked')
    await at.revoke('other')
    // By now the server has looked whose connection is to be cut.
    await soon(() => expect(other.isOpen()).toBe(false))
    thief.report({ sequence: 1_000 })
    await soon(() => expect(thief.bye()?.code).toBe('HostCertificateNotInForce'))
    expect(await reportOf('revoked')).toBeUndefined()
  })

  it('does not take over from the host that was enrolled anew', async () => {
    const thief = await connectAgent(await becomes('again'), { isSilent: true })
    const agent = await connectAgent(await becomes('again'))
    await soon(async () => expect(await reportOf('again')).toBeDefined())
    thief.report({ sequence: 1_000 })
    await soon(() => expect(thief.bye()?.code).toBe('HostCertificateNotInForce'))
    expect([agent.isOpen(), (await at.host('again')).revokedAt]).toEqual([true, undefined])
    await agent.close()
  })
})
