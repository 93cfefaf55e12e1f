/** An installation whose machines are hosts that run agents: real use cases and store, imagined kernels, no network. */
import type { AgentDoor } from '../../src/app/app.ts'
import { Hosts } from '../../src/app/hosts/hosts.ts'
import { inviteHost, type InviteInput } from '../../src/app/hosts/invite-host.ts'
import { liveInventory } from '../../src/app/machines/live-inventory.ts'
import type { HostSide } from '../../src/app/ports/hosts.ts'
import type { Inventory } from '../../src/app/ports/inventory.ts'
import type { Store } from '../../src/app/ports/store.ts'
import { showHost } from '../../src/app/hosts/show-hosts.ts'
import type { Host } from '../../src/domain/hosts/host.ts'
import { openHosts } from '../../src/drivers/hosts/open-hosts.ts'
import { valueOf } from '../support/builders.ts'
import { ALICE, startInstallation, type TestInstallation } from '../support/installation.ts'
import { memoryAgents, type MemoryAgents } from '../support/memory-agents.ts'

export interface HostGround extends TestInstallation {
  readonly agents: MemoryAgents
  readonly hosts: Hosts
  /** Gives the command, and has an agent run it; it is connected. */
  enrol(name: string, input?: Partial<InviteInput>): Promise<Host>
  hostCalled(name: string): Promise<Host>
  cutOff(name: string): Promise<void>
  comeBack(name: string): Promise<void>
  /** Of host `name`: its ports that are closed, and how many elements let somebody in. */
  kernel(name: string): { readonly shut: readonly string[]; readonly holes: number }
}

const NOTHING: Inventory = { find: () => undefined, list: () => [], behind: () => [] }
const OWNER = 'test'

/** `isReadOnly`: while it says so, what the server knows of hosts cannot be put on record. */
export async function startHostGround(isReadOnly = (): boolean => false): Promise<HostGround> {
  const parts: { agents?: MemoryAgents; hosts?: Hosts } = {}
  const installation = await startInstallation({
    ground: ({ store, clock, log }) => {
      const agents = memoryAgents(clock)
      const isGone = async (key: Parameters<typeof store.reads.hosts.find>[0]): Promise<boolean> =>
        (await store.reads.hosts.find(key)) === undefined
      const side: HostSide = openHosts({ links: agents, clock, drift: 'repair', location: 'local', isGone })
      const mayFail: Store = {
        ...store,
        transaction: (work) =>
          isReadOnly() ? Promise.reject(new Error('the database is read-only')) : store.transaction(work),
      }
      const hosts = new Hosts({ store: mayFail, clock, log, side, links: agents, timer: { sleep: forEver } })
      hosts.start(() => {})
      Object.assign(parts, { agents, hosts })
      return { inventory: liveInventory(NOTHING, hosts), driverOf: () => side.driver, hosts, agents: doorOf(agents) }
    },
  })
  const { agents, hosts } = parts
  if (agents === undefined || hosts === undefined) throw new Error('the ground was not laid')
  const { store } = installation.app
  const hostCalled = async (name: string): Promise<Host> => valueOf(await showHost(installation.app, name, ALICE)).host
  return {
    ...installation,
    agents,
    hosts,
    hostCalled,
    enrol: async (name, input = {}) => {
      valueOf(await inviteHost(installation.app, { name, validFor: 'PT15M', caller: ALICE, ...input }))
      const host = await enrolledNow(installation, await hostCalled(name))
      agents.add(host.id, host.machine)
      await came(installation, host)
      await hosts.sync()
      return host
    },
    cutOff: async (name) => {
      const { id } = await hostCalled(name)
      agents.cutOff(id)
      await store.transaction((tx) => tx.hosts.went([{ host: id, at: installation.now() }], OWNER))
      await hosts.sync()
    },
    comeBack: async (name) => {
      const host = await hostCalled(name)
      await came(installation, host)
      agents.comeBack(host.id)
      await hosts.sync()
    },
    kernel: (name) => {
      const machine = installation.app.inventory.list().find((each) => each.name === name)
      const { shut, elements } = agents.kernel.look(agents.pointCalled(machine?.key))
      return { shut: [...shut].toSorted(), holes: elements.size }
    },
  }
}

function forEver(_millis: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}

function doorOf(links: MemoryAgents): AgentDoor {
  let given = 0
  const newToken = (): { text: string; hash: string } => ({ text: `token-${++given}`, hash: `hash-${given}` })
  const authority = { fingerprint: 'ab'.repeat(32), newToken }
  return { authority, links, url: 'https://jit.example:8472', recommendedVersion: '2.0.0' }
}

/** What enrolment writes; how it comes to it is tested elsewhere. */
async function enrolledNow(installation: TestInstallation, host: Host): Promise<Host> {
  const { app } = installation
  const enrolled: Host = {
    ...host,
    generation: host.generation + 1,
    certificates: ['cd'.repeat(32)],
    enrolledAt: installation.now(),
    revokedAt: undefined,
    revokedBecause: undefined,
    version: host.version + 1,
  }
  await app.store.transaction(async (tx) => {
    await tx.hosts.change()
    await tx.hosts.put(enrolled)
  })
  return enrolled
}

let sequence = 0

async function came(installation: TestInstallation, { id, certificates: [fingerprint = ''] }: Host): Promise<void> {
  sequence += 1
  const arrival = { host: id, at: installation.now(), sequence, bootId: 'boot-1', fingerprint }
  await installation.app.store.transaction((tx) => tx.hosts.came([arrival], OWNER))
}
