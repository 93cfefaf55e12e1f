import { describe, expect, it } from 'vitest'
import { checkPassword, hashPassword, newPassword, passwordMatches, TooManyAtOnce } from './password.ts'

describe('a password', () => {
  it('matches its own hash and no other does', async () => {
    const hash = await hashPassword('correct horse battery')
    expect(await passwordMatches('correct horse battery', hash)).toBe(true)
    expect(await passwordMatches('correct horse batterY', hash)).toBe(false)
    expect(hash).not.toContain('horse')
    expect(await hashPassword('correct horse battery')).not.toBe(hash)
  })

  it('never matches where there is no hash', async () => {
    for (const hash of [undefined, '', 'scrypt', 'scrypt$15$8$3$$', 'plain$correct horse battery'])
      expect(await passwordMatches('correct horse battery', hash)).toBe(false)
  })

  it('takes about as long to refuse for a name that nobody has', async () => {
    const hash = await hashPassword('correct horse battery')
    // The processor's time, which no other program of a busy machine takes.
    const time = async (against: string | undefined): Promise<number> => {
      const before = process.cpuUsage()
      await passwordMatches('wrong', against)
      const { user, system } = process.cpuUsage(before)
      return user + system
    }
    let [known, unknown] = [Infinity, Infinity]
    for (let round = 0; round < 3; round += 1) {
      known = Math.min(known, await time(hash))
      unknown = Math.min(unknown, await time(undefined))
    }
    expect(unknown / known).toBeGreaterThan(0.5)
    expect(unknown / known).toBeLessThan(2)
  })

  it('typed in another Unicode form is the same password', async () => {
    expect(await passwordMatches('zoë en een ﬁets', await hashPassword('zoe\u0308 en een fiets'))).toBe(true)
  })

  it('is refused when short or made of the name', () => {
    expect(checkPassword('short', 'ada').ok).toBe(false)
    expect(checkPassword('Ada-1234567890', 'ada@example.org').ok).toBe(false)
    expect(checkPassword('x'.repeat(257), 'ada').ok).toBe(false)
    expect(checkPassword('a long enough phrase', 'grace@example.org').ok).toBe(true)
  })

  it('is not compared when too many wait already, so that a crowd cannot fill the memory', async () => {
    const quick = 'scrypt$10$8$1$AAAA$AAAA'
    const outcomes = await Promise.allSettled(Array.from({ length: 400 }, () => passwordMatches('wrong', quick)))
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
    expect(refused.length).toBeGreaterThan(50)
    expect(refused.every(({ reason }) => reason instanceof TooManyAtOnce)).toBe(true)
    expect(await passwordMatches('wrong', quick)).toBe(false)
  })

  it('made by us is long and never the same', () => {
    const made = new Set(Array.from({ length: 50 }, newPassword))
    expect(made.size).toBe(50)
    for (const password of made) expect(password).toMatch(/^([a-z2-9]{5}-){3}[a-z2-9]{5}$/)
  })
})
