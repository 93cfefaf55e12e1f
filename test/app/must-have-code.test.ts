/** Of whom a one-time code is asked, by the roles that they hold anywhere. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { mustHaveCode } from '../../src/app/identity/must-have-code.ts'
import { BUILT_IN_ROLES } from '../../src/domain/roles/built-in-roles.ts'
import { parseScope } from '../../src/domain/roles/scope.ts'
import { startInstallation, type TestInstallation } from '../support/installation.ts'
import { SUBSCRIPTION, valueOf } from '../support/builders.ts'

let installation: TestInstallation
beforeEach(async () => {
  installation = await startInstallation()
})
afterEach(() => installation.stop())

async function gives(
  role: string,
  principalId: string,
  scope = `/subscriptions/${SUBSCRIPTION}/resourceGroups/y`,
): Promise<void> {
  const { app } = installation
  const about = { principalType: 'User', createdAt: app.clock.now(), createdBy: '' } as const
  const assignment = { name: crypto.randomUUID(), scope: valueOf(parseScope(scope)), role, principalId, ...about }
  const version = await app.store.transaction(async ({ roles }) => {
    await roles.insertAssignment(assignment)
    return roles.change()
  })
  app.access.changed(version, { kind: 'assigned', assignment })
}

const idOf = (roleName: string): string => BUILT_IN_ROLES.find((role) => role.roleName === roleName)?.name ?? ''
const asked = (user: string): Promise<boolean> => mustHaveCode(installation.app, 'administrators', user)

describe('a one-time code is asked of', () => {
  it.each(BUILT_IN_ROLES.map(({ roleName }) => roleName))(
    '%s at any scope, if that decides over others',
    async (role) => {
      await gives(idOf(role), 'ada')
      expect(await asked('ada')).toBe(['Owner', 'User Access Administrator', 'Security Admin'].includes(role))
      expect(await asked('grace')).toBe(false)
    },
  )

  it('who holds it through a group, for as long as they are in it', async () => {
    await gives(idOf('Owner'), 'owners', '/')
    const { store } = installation.app
    await store.transaction(async ({ identity }) => {
      await identity.putGroup({ id: 'owners', name: 'Owners', createdAt: 0 })
      await identity.addMember('owners', 'ada')
    })
    expect(await asked('ada')).toBe(true)
    await store.transaction((tx) => tx.identity.removeMember('owners', 'ada'))
    expect(await asked('ada')).toBe(false)
  })

  it('everybody or nobody, where that is configured', async () => {
    await gives(idOf('Owner'), 'ada')
    expect(await mustHaveCode(installation.app, 'everybody', 'grace')).toBe(true)
    expect(await mustHaveCode(installation.app, 'optional', 'ada')).toBe(false)
  })
})
