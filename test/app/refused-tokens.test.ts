/** Tokens that were not believed, in the audit trail. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createRefusedTokenWitness, type RefusedTokenWitness } from '../../src/app/audit/witness-refused-tokens.ts'
import { MINUTE, SECOND } from '../../src/domain/time.ts'
import { startInstallation, type TestInstallation } from '../support/installation.ts'

const ISSUER = 'https://issuer.example'
const EXPIRED = { issuer: ISSUER, reason: 'ExpiredAuthenticationToken', address: '203.0.113.7' }

let installation: TestInstallation
let witness: RefusedTokenWitness
beforeEach(async () => {
  installation = await startInstallation()
  witness = createRefusedTokenWitness(installation.app)
})
afterEach(() => installation.stop())

async function told(): Promise<unknown[]> {
  return (await installation.audit()).map(({ action, address, target, data }) => [
    action,
    address,
    target,
    JSON.parse(data).reason,
    JSON.parse(data).count,
  ])
}

describe('a token that was not believed', () => {
  it('is on record at once, with the issuer, the reason and the address', async () => {
    await witness.saw(EXPIRED)
    expect(await told()).toEqual([['signin.failed', '203.0.113.7', ISSUER, 'ExpiredAuthenticationToken', 1]])
    expect((await installation.audit())[0]?.data).not.toContain('withheld')
  })

  it('that comes again and again is told once a minute, with how often', async () => {
    for (let second = 0; second < 150; second += 1) {
      await witness.saw(EXPIRED)
      await installation.pass(SECOND)
    }
    await witness.sweep('at the end')
    const counts = (await told()).map((event) => (event as unknown[])[4])
    expect(counts).toEqual([1, 59, 1, 59, 1, 29])
  })

  it('is told by the sweep when nothing more comes', async () => {
    await witness.saw(EXPIRED)
    await witness.saw(EXPIRED)
    await witness.sweep()
    expect(await told()).toHaveLength(1)
    await installation.pass(MINUTE)
    await witness.sweep()
    await witness.sweep()
    expect((await told())[1]).toMatchObject(['signin.failed', '203.0.113.7', ISSUER, 'ExpiredAuthenticationToken', 1])
    expect(await told()).toHaveLength(2)
  })

  it('for another reason, from another address or of another issuer is told apart', async () => {
    const others = [{ address: '203.0.113.8' }, { reason: 'AuthenticationFailed' }, { issuer: '' }]
    for (const other of [{}, ...others]) await witness.saw({ ...EXPIRED, ...other })
    expect(await told()).toHaveLength(4)
  })

  it('from ever other addresses cannot fill the trail', async () => {
    for (let host = 0; host < 1_000; host += 1)
      await witness.saw({ ...EXPIRED, address: `2001:db8::${host.toString(16)}` })
    await witness.sweep('at the end')
    const all = await told()
    expect(all.length).toBeLessThan(110)
    expect(all.reduce<number>((sum, event) => sum + Number((event as unknown[])[4]), 0)).toBe(1_000)
  })
})
