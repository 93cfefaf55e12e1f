/** Requests across policies, for somebody who may read some of them. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import { configurePolicy } from '../../src/app/policies/configure-policy.ts'
import { removePolicy } from '../../src/app/policies/remove-policy.ts'
import type { App } from '../../src/app/app.ts'
import type { Caller } from '../../src/app/ports/caller.ts'
import { listRequests } from '../../src/app/requests/list-requests.ts'
import { requestAccess } from '../../src/app/requests/request-access.ts'
import { aMachineId, aPolicyPlace, aRequest, policyMachines, valueOf } from '../support/builders.ts'
import { ALICE, callerWith, startInstallation, type TestInstallation } from '../support/installation.ts'

const READER = 'acdd72a7-3385-48ef-bd42-f606fba81ae7'

let installation: TestInstallation
beforeEach(async () => {
  installation = await startInstallation()
  for (const name of ['one', 'two', 'three']) await protectAndAsk(name)
})
afterEach(() => installation.stop())

async function protectAndAsk(name: string): Promise<void> {
  const { app } = installation
  const { address, id: policyId, key: policy } = aPolicyPlace(name)
  const web1 = aMachineId('web1')
  const machines = policyMachines({ machines: [web1] })
  valueOf(await configurePolicy(app, { address, kind: 'Basic', machines, caller: ALICE, force: false }))
  const body = aRequest({ machines: [web1], justification: name })
  valueOf(await requestAccess(app, { policy, policyId, body, caller: ALICE }))
}

const readerOf = (...scopes: readonly string[]): Promise<Caller> =>
  callerWith(
    installation.app,
    scopes.map((scope) => ({ scope, role: READER })),
  )

async function whysSeenBy(caller: Caller, app: App = installation.app): Promise<string[]> {
  const { items } = await listRequests(app, { filter: {}, page: { limit: 10 }, caller })
  return items.map(({ justification = '' }) => justification).toSorted()
}

it('shows those of the policies that the caller may read, removed ones too', async () => {
  const [one, two] = [aPolicyPlace('one'), aPolicyPlace('two')]
  const bob = await readerOf(one.id, two.id)
  const gone = { policy: two.key, policyId: two.id, caller: ALICE }
  valueOf(await removePolicy(installation.app, gone))
  expect(await whysSeenBy(bob)).toEqual(['one', 'two'])
  expect(await whysSeenBy(await readerOf())).toEqual([])
})

it('asks for the policies of a page at once, however many they are, and reads none of their machines', async () => {
  const { app } = installation
  const asked: number[] = []
  const reads = {
    ...app.store.reads,
    idsOfPolicies: (uids: readonly string[]) => (asked.push(uids.length), app.store.reads.idsOfPolicies(uids)),
    policiesByUid: () => Promise.reject(new Error('a policy was read whole')),
  }
  const bob = await readerOf('/')
  expect(await whysSeenBy(bob, { ...app, store: { ...app.store, reads } })).toEqual(['one', 'three', 'two'])
  expect(asked).toEqual([3])
})
