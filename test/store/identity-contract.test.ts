/** What every store must do with users, groups, programs, keys and what the issuer issued. */
import { describe, expect, it } from 'vitest'
import type { IdentityTx } from '../../src/app/ports/identity.ts'
import type { Store } from '../../src/app/ports/store.ts'
import type { BrowserSession } from '../../src/domain/roles/browser-session.ts'
import type { Artefact, Credential, ServicePrincipal, User } from '../../src/domain/roles/identity.ts'
import { DAY, HOUR } from '../../src/domain/time.ts'
import { NOON } from './builders.ts'
import { freshStores, postgresDatabase, sqliteDatabase } from './databases.ts'

const ALL = { limit: 100 }

function aUser(name: string, more: Partial<User> = {}): User {
  const about = { displayName: name, passwordHash: 'scrypt$…', mustChangePassword: false, validAfter: 0 }
  return { id: `id of ${name}`, name, ...about, createdAt: NOON, ...more }
}

function aProgram(name: string): ServicePrincipal {
  return { id: `id of ${name}`, appId: `app of ${name}`, name, createdAt: NOON }
}

function anArtefact(id: string, more: Partial<Artefact> = {}): Artefact {
  return { kind: 'RefreshToken', idHash: id, payload: 'sealed', endsAt: NOON + HOUR, ...more }
}

describe.each([sqliteDatabase(), postgresDatabase()])('the identities in the store on $name', (database) => {
  let store: Store
  let place: string
  const reopen = freshStores(database, (opened, at) => {
    store = opened
    place = at
  })

  const write = <T>(work: (identity: IdentityTx) => Promise<T>): Promise<T> =>
    store.transaction((tx) => work(tx.identity))

  describe('browser sessions', () => {
    const aSession = (idHash: string, more: Partial<BrowserSession> = {}): BrowserSession => ({
      id: `id of ${idHash}`,
      idHash,
      principal: 'ada',
      issuer: 'https://issuer.example',
      name: 'ada@example.org',
      principals: ['ada', 'group'],
      address: '203.0.113.7',
      browser: 'Test/1.0',
      startedAt: NOON,
      lastSeenAt: NOON,
      endsAt: NOON + HOUR,
      ...more,
    })

    it('are found by the hash of what the browser holds, exactly as they were written, after a restart too', async () => {
      await write((identity) => identity.addBrowserSession(aSession('a')))
      await reopen()
      expect(await store.reads.identity.browserSession('a')).toEqual(aSession('a'))
      expect(await store.reads.identity.browserSession('id of a')).toBeUndefined()
    })

    it('are listed by person, newest first', async () => {
      await write(async (identity) => {
        await identity.addBrowserSession(aSession('a'))
        await identity.addBrowserSession(aSession('b', { startedAt: NOON + 1, lastSeenAt: NOON + 1 }))
        await identity.addBrowserSession(aSession('c', { principal: 'grace' }))
      })
      const found = await store.reads.identity.browserSessionsOf('ada')
      expect(found.map(({ idHash }) => idHash)).toEqual(['b', 'a'])
    })

    it('remember their last use, and never take it back', async () => {
      await write((identity) => identity.addBrowserSession(aSession('a')))
      await write((identity) => identity.seeBrowserSession('a', NOON + 20))
      await write((identity) => identity.seeBrowserSession('a', NOON + 10))
      expect((await store.reads.identity.browserSession('a'))?.lastSeenAt).toBe(NOON + 20)
    })

    it.each<[string, (identity: IdentityTx) => Promise<void>, string[]]>([
      ['one of them is ended', (identity) => identity.removeBrowserSession('a'), ['b', 'c']],
      ['their person is signed out', (identity) => identity.removeArtefactsOfAccount('ada'), ['c']],
      ['their person is removed', (identity) => identity.removeUser('ada'), ['c']],
      ['their time is over and they are swept', (identity) => identity.sweepIdentity(NOON + HOUR, 0), ['b', 'c']],
    ])('go when %s', async (_, act, left) => {
      await write(async (identity) => {
        await identity.addBrowserSession(aSession('a'))
        await identity.addBrowserSession(aSession('b', { endsAt: NOON + HOUR + 1 }))
        await identity.addBrowserSession(aSession('c', { principal: 'grace', endsAt: NOON + DAY }))
        await act(identity)
      })
      const all = await Promise.all(['a', 'b', 'c'].map((idHash) => store.reads.identity.browserSession(idHash)))
      expect(all.flatMap((session) => session?.idHash ?? [])).toEqual(left)
    })

    it('keep whose they are and when they end, even from an administrator with a database shell', async () => {
      await write((identity) => identity.addBrowserSession(aSession('a')))
      for (const change of [`principal_id = 'eve'`, `ends_at = ends_at + 1`, `principals = '["root"]'`])
        await expect(database.tamper(place, `update browser_sessions set ${change}`)).rejects.toThrow('keeps who')
    })
  })

  describe('users', () => {
    it('a user is found by id and by name whatever its case, exactly as it was written', async () => {
      const ada = aUser('Ada@example.org', {
        totp: { sealed: 'secret', lastStep: 7 },
        disabledAt: NOON + 1,
        mustChangePassword: true,
      })
      await write((identity) => identity.putUser(ada))
      await reopen()
      expect(await store.reads.identity.user(ada.id)).toEqual(ada)
      expect(await store.reads.identity.userNamed('ADA@EXAMPLE.ORG')).toEqual(ada)
      expect(await store.reads.identity.userNamed('grace@example.org')).toBeUndefined()
    })

    it('what is taken off a user is gone', async () => {
      const ada = aUser('ada', { disabledAt: NOON, totp: { sealed: 'secret', lastStep: 7 } })
      await write((identity) => identity.putUser(ada))
      await write((identity) => identity.putUser(aUser('ada')))
      expect(await store.reads.identity.user(ada.id)).toEqual(aUser('ada'))
    })

    it('two users never have the same name', async () => {
      await write((identity) => identity.putUser(aUser('ada')))
      await expect(write((identity) => identity.putUser(aUser('ADA', { id: 'other' })))).rejects.toThrow(/unique/i)
    })

    it('are listed in pages by name', async () => {
      for (const name of ['Cleo', 'ada', 'Bob']) await write((identity) => identity.putUser(aUser(name)))
      const names = async (after?: string): Promise<string[]> =>
        (await store.reads.identity.users({ limit: 2, ...(after === undefined ? {} : { after }) })).map(
          ({ name }) => name,
        )
      expect(await names()).toEqual(['ada', 'Bob'])
      expect(await names('Bob')).toEqual(['Cleo'])
    })

    it('keep their id and creation, even from an administrator with a database shell', async () => {
      await write((identity) => identity.putUser(aUser('ada')))
      await expect(database.tamper(place, `update users set created_at = 1`)).rejects.toThrow('keeps its id')
    })

    it('failed sign-ins are counted under names that nobody has, and forgotten', async () => {
      const attempts = { nameKey: 'nobody', failures: 3, lockedUntil: NOON, lastAt: NOON }
      await write((identity) => identity.putAttempts({ ...attempts, failures: 2 }))
      await write((identity) => identity.putAttempts(attempts))
      expect(await store.reads.identity.attempts('nobody')).toEqual(attempts)
      await write((identity) => identity.sweepIdentity(NOON, NOON))
      expect(await store.reads.identity.attempts('nobody')).toEqual(attempts)
      await write((identity) => identity.sweepIdentity(NOON, NOON + 1))
      expect(await store.reads.identity.attempts('nobody')).toBeUndefined()
    })

    it('two guesses at once count as two', async () => {
      await write((identity) => identity.putAttempts({ nameKey: 'ada', failures: 0, lockedUntil: 0, lastAt: NOON }))
      const guess = (): Promise<void> =>
        write(async (identity) => {
          const known = await identity.attempts('ada')
          if (known !== undefined) await identity.putAttempts({ ...known, failures: known.failures + 1 })
        })
      await Promise.all(Array.from({ length: 10 }, guess))
      expect((await store.reads.identity.attempts('ada'))?.failures).toBe(10)
    })
  })

  describe('groups', () => {
    const operators = { id: 'g1', name: 'Operators', createdAt: NOON }
    const readers = { id: 'g2', name: 'Readers', createdAt: NOON }

    it('a member is in its groups until it leaves, is removed, or the group is', async () => {
      const { identity } = store.reads
      await write(async (tx) => {
        await tx.putUser(aUser('ada'))
        await tx.putServicePrincipal(aProgram('deploy'))
        for (const group of [readers, operators]) await tx.putGroup(group)
        for (const member of ['id of ada', 'id of deploy']) await tx.addMember('g1', member)
        await tx.addMember('g2', 'id of ada')
        await tx.addMember('g2', 'id of ada')
      })
      expect(await identity.groupsOf('id of ada')).toEqual([operators, readers])
      expect(await identity.membersOf('g1')).toEqual(['id of ada', 'id of deploy'])
      await write((tx) => tx.removeMember('g1', 'id of ada'))
      expect(await identity.groupsOf('id of ada')).toEqual([readers])
      await write((tx) => tx.removeServicePrincipal('id of deploy'))
      expect(await identity.membersOf('g1')).toEqual([])
      await write((tx) => tx.removeGroup('g2'))
      expect(await identity.groupsOf('id of ada')).toEqual([])
      expect(await identity.groups(ALL)).toEqual([operators])
      expect(await identity.groupNamed('OPERATORS')).toEqual(operators)
    })
  })

  describe('service principals', () => {
    const secret: Credential = {
      id: 'c1',
      principal: 'id of deploy',
      hint: 'abc…',
      proof: { kind: 'secret', hash: 'hash' },
      createdAt: NOON,
      endsAt: NOON + DAY,
    }

    it('is found by either id, with its credentials in order, and removed with them', async () => {
      const federated = { kind: 'federated', issuer: 'https://ci', subject: 's', audience: 'a' } as const
      const second: Credential = { ...secret, id: 'c0', proof: federated, createdAt: NOON + 1 }
      await write(async (identity) => {
        await identity.putServicePrincipal(aProgram('deploy'))
        await identity.addCredential(second)
        await identity.addCredential(secret)
      })
      await reopen()
      const { identity } = store.reads
      expect(await identity.servicePrincipalOf('APP OF DEPLOY')).toEqual(aProgram('deploy'))
      expect(await identity.credentialsOf('id of deploy')).toEqual([secret, second])
      await write((tx) => tx.removeCredential('c1'))
      expect(await identity.credentialsOf('id of deploy')).toEqual([second])
      await write((tx) => tx.removeServicePrincipal('id of deploy'))
      expect(await identity.servicePrincipal('id of deploy')).toBeUndefined()
      expect(await identity.credentialsOf('id of deploy')).toEqual([])
    })

    it('a credential never changes, even by a database shell', async () => {
      await write(async (identity) => {
        await identity.putServicePrincipal(aProgram('deploy'))
        await identity.addCredential(secret)
      })
      await expect(database.tamper(place, `update credentials set ends_at = ends_at + 1`)).rejects.toThrow(
        'never changes',
      )
    })
  })

  it('signing keys are kept, newest first, and removed', async () => {
    const key = (id: string, signsFrom: number) => ({
      id,
      publicKey: '{}',
      sealedPrivateKey: 's',
      createdAt: NOON,
      signsFrom,
    })
    await write(async (identity) => {
      await identity.addSigningKey(key('old', NOON))
      await identity.addSigningKey(key('new', NOON + HOUR))
    })
    await reopen()
    expect(await store.reads.identity.signingKeys()).toEqual([key('new', NOON + HOUR), key('old', NOON)])
    await write((identity) => identity.removeSigningKey('old'))
    expect((await store.reads.identity.signingKeys()).map(({ id }) => id)).toEqual(['new'])
  })

  describe('what was issued', () => {
    it('is found by its id, its uid and its code, of the right kind only', async () => {
      const session = anArtefact('s', { kind: 'Session', uid: 'u', account: 'ada' })
      const code = anArtefact('d', { kind: 'DeviceCode', userCode: 'c', grantId: 'g' })
      await write(async (identity) => {
        await identity.putArtefact(session)
        await identity.putArtefact(code)
      })
      await reopen()
      const { identity } = store.reads
      expect(await identity.artefact('Session', 's')).toEqual(session)
      expect(await identity.artefactByUid('Session', 'u')).toEqual(session)
      expect(await identity.artefactByCode('DeviceCode', 'c')).toEqual(code)
      expect(await identity.artefact('DeviceCode', 's')).toBeUndefined()
      expect(await identity.artefactByUid('DeviceCode', 'u')).toBeUndefined()
    })

    it('is consumed once, whoever tries at the same time, and stays so when it is written again', async () => {
      await write((identity) => identity.putArtefact(anArtefact('t')))
      const tries = Array.from({ length: 8 }, () =>
        write((identity) => identity.consumeArtefact('RefreshToken', 't', NOON + 1)),
      )
      expect((await Promise.all(tries)).filter((won) => won)).toHaveLength(1)
      await write((identity) => identity.putArtefact(anArtefact('t', { payload: 'again' })))
      expect(await store.reads.identity.artefact('RefreshToken', 't')).toMatchObject({
        payload: 'again',
        consumedAt: NOON + 1,
      })
      expect(await write((identity) => identity.consumeArtefact('RefreshToken', 'gone', NOON))).toBe(false)
    })

    it('goes with its grant, its user, or its time', async () => {
      const { identity } = store.reads
      await write(async (tx) => {
        await tx.putUser(aUser('ada'))
        for (const id of ['a', 'b']) await tx.putArtefact(anArtefact(id, { grantId: 'g1', account: 'id of bob' }))
        await tx.putArtefact(anArtefact('c', { grantId: 'g2', account: 'id of ada' }))
        await tx.putArtefact(anArtefact('d', { endsAt: NOON }))
        await tx.putArtefact(anArtefact('e', { endsAt: NOON + 1 }))
      })
      const left = async (): Promise<string[]> => {
        const found = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((id) => identity.artefact('RefreshToken', id)))
        return found.flatMap((artefact) => (artefact === undefined ? [] : [artefact.idHash]))
      }
      await write((tx) => tx.removeArtefactsOfGrant('g1'))
      expect(await left()).toEqual(['c', 'd', 'e'])
      await write((tx) => tx.sweepIdentity(NOON, 0))
      expect(await left()).toEqual(['c', 'e'])
      await write((tx) => tx.removeUser('id of ada'))
      expect(await left()).toEqual(['e'])
      await write((tx) => tx.removeArtefact('RefreshToken', 'e'))
      expect(await left()).toEqual([])
    })
  })
})
