/** The agent's own side of the connection, against the real listener: enrolment, a proxy, renewal, revocation and the fallback. */
import { createServer, type Server } from 'node:http'
import {
  connect,
  createServer as createNetServer,
  type AddressInfo,
  type Server as NetServer,
  type Socket,
} from 'node:net'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createAgentClock } from '../../src/agent/agent-clock.ts'
import { createAgentLog } from '../../src/agent/agent-log.ts'
import { systemClocks } from '../../src/agent/clock-source.ts'
import { createConversation, type Conversation, type ConversationDeps } from '../../src/agent/link/conversation.ts'
import { enrollHost } from '../../src/agent/enroll-host.ts'
import { pollLink } from '../../src/agent/link/poll-link.ts'
import { diagnose } from '../../src/agent/diagnose.ts'
import { createSequence } from '../../src/agent/link/sequence.ts'
import { openServerLine, type Environment } from '../../src/agent/link/server-line.ts'
import { openStateFolder, type Identity, type StateFolder } from '../../src/agent/state/state-folder.ts'
import { stayConnected, type Connectivity } from '../../src/agent/link/stay-connected.ts'
import { systemFacts } from '../../src/agent/system-facts.ts'
import type { HostDocument } from '../../src/contract/agent.ts'
import { openAgentDoor, type AgentDoor } from './agent-door.ts'

let door: AgentDoor
let folder: string
let files: StateFolder
let end: AbortController
let running: Promise<void> | undefined

beforeEach(async () => {
  door = await openAgentDoor()
  folder = mkdtempSync(join(tmpdir(), 'sallyport-line-'))
  files = openStateFolder(folder)
  end = new AbortController()
})

afterEach(async () => {
  end.abort()
  await running
  running = undefined
  await door.stop()
  rmSync(folder, { recursive: true })
})

const FACTS = systemFacts({ agentVersion: '0.0.0-test', startedAt: 0, unsupported: [] })
const until = (isSo: () => boolean | Promise<boolean>): Promise<unknown> =>
  vi.waitUntil(isSo, { timeout: 10_000, interval: 10 })

async function enroll(env: Environment = {}, fingerprint = door.authority.fingerprint): Promise<Identity> {
  const token = await door.invite('web1')
  return enrollHost(files, { server: door.door.server, token, fingerprint, facts: FACTS, env })
}

/** Says what a host says that has nothing to do, and what came. */
interface Talker {
  readonly documents: HostDocument[]
  readonly seen: Connectivity[]
  begin(on?: Pick<ConversationDeps, 'onHello' | 'onBye'>): Conversation
}

function aTalker(): Talker {
  const documents: HostDocument[] = []
  const source = systemClocks()
  const clock = createAgentClock(source, undefined)
  const nextSequence = createSequence(files)
  let version = ''
  return {
    documents,
    seen: [],
    begin: (on = { onHello: () => {}, onBye: () => {} }) => {
      const tell = (answers: readonly string[] = []): void => {
        const state = { version, shields: [], held: [], lingering: [], impossible: [], left: [] }
        conversation.told({ state, answers, drift: [], cut: [], isCaughtUp: true })
      }
      const conversation = createConversation({
        ...on,
        keeper: {
          offer: (document) => {
            documents.push(document)
            version = document.version
            tell()
          },
          look: ({ answers }) => tell(answers),
          foretell: () => Promise.resolve([]),
          preflight: () => Promise.resolve([]),
          clockMoved: () => {},
        },
        clock,
        log: createAgentLog({ write: () => {}, now: () => clock.now(), toJournal: false }),
        steady: () => source.steady(),
        bootId: source.bootId,
        nextSequence,
        facts: () => FACTS,
        surroundings: () => Promise.resolve({}),
        onClock: () => {},
      })
      return conversation
    },
  }
}

function stay(talker: Talker, identity: Identity, env: Environment = {}): void {
  const clock = createAgentClock(systemClocks(), undefined)
  running = stayConnected({
    files,
    machine: identity.machine,
    env,
    clock,
    log: createAgentLog({ write: () => {}, now: () => clock.now(), toJournal: false }),
    converse: (on) => talker.begin(on),
    onChange: (connectivity) => talker.seen.push(connectivity),
    signal: end.signal,
  })
}

const isConnected = async (): Promise<boolean> => door.listener.hub.reportOf((await door.host('web1')).id) !== undefined

function aDocument(machine: string): HostDocument {
  return { version: 'v1', machine, sentAt: 0, shields: [], holes: [], settings: { drift: 'repair' } }
}

describe('an agent and its server', () => {
  it('a host says nothing to a server that shows another authority, and its token stays good', async () => {
    const other = 'ab'.repeat(32)
    await expect(enroll({}, other)).rejects.toThrow(`none of its certificates has the fingerprint sha256:${other}`)
    expect(files.readIdentity()).toBeUndefined()
    expect((await door.host('web1')).generation).toBe(0)
    await enroll()
    expect(files.readIdentity()?.generation).toBe(1)
  })

  it('a host connects, is handed a document and tells what became of it', async () => {
    const identity = await enroll()
    const talker = aTalker()
    stay(talker, identity)
    await until(isConnected)
    const { id } = await door.host('web1')
    const report = await door.listener.hub.offer(id, aDocument(identity.machine), AbortSignal.timeout(5_000))
    expect([talker.documents.length, report.state.version]).toEqual([1, 'v1'])
  })

  it('behind a proxy all of it goes through the proxy, which sees nothing but where to', async () => {
    const proxy = await startProxy()
    const env = { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` }
    const identity = await enroll(env)
    const talker = aTalker()
    stay(talker, identity, env)
    await until(isConnected)
    const place = new URL(door.door.server).host
    expect(new Set(proxy.asked)).toEqual(new Set([place]))
    expect(proxy.asked.length).toBeGreaterThanOrEqual(3)
    end.abort()
    await running
    await proxy.stop()
  })

  it('where no stream gets through, documents are fetched and reports are sent', async () => {
    const identity = await enroll()
    const talker = aTalker()
    const line = openServerLine({ ...identity, env: {} })
    const polling = pollLink(line)(talker.begin(), end.signal)
    await until(isConnected)
    const { id } = await door.host('web1')
    const report = await door.listener.hub.offer(id, aDocument(identity.machine), AbortSignal.timeout(5_000))
    expect(report.state.version).toBe('v1')
    end.abort()
    await polling
    line.close()
  })

  it('a certificate that is due is replaced by itself, with another key, and the connection goes on with it', async () => {
    const identity = await enroll()
    files.writeIdentity({ ...identity, renewAt: 0 })
    stay(aTalker(), identity)
    await until(() => files.readIdentity()?.certificate !== identity.certificate)
    const renewed = files.readIdentity()
    expect(renewed?.key).not.toBe(identity.key)
    expect(renewed?.generation).toBe(1)
    await until(async () => (await door.host('web1')).certificates.length === 1 && (await isConnected()))
  })

  it('a host that was revoked says why it is not let in, and is taken again once it is enrolled anew', async () => {
    const identity = await enroll()
    const talker = aTalker()
    stay(talker, identity)
    await until(isConnected)
    await door.revoke('web1')
    await until(() => talker.seen.some(({ trouble }) => trouble?.includes('revoked') === true))
    const [finding] = (await diagnose(files, {})).filter(({ name }) => name === 'server')
    expect(finding).toMatchObject({ status: 'failed', remedy: expect.stringMatching(/sallyport host enroll/) })
    end.abort()
    await running
    end = new AbortController()
    stay(aTalker(), await enroll())
    await until(isConnected)
    expect((await door.host('web1')).generation).toBe(2)
  })

  it('says why, where the network breaks a connection', async () => {
    const [proxy, identity] = [await startProxy(), await enroll()]
    const talker = aTalker()
    stay(talker, identity, { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` })
    await until(isConnected)
    proxy.reset()
    const told = `the connection to ${identity.server} broke: read ECONNRESET`
    expect(await until(() => talker.seen.some(({ trouble }) => trouble === told))).toBe(true)
    end.abort()
    await running
    await proxy.stop()
  })

  describe('where nobody answers', () => {
    beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
    afterEach(() => void vi.useRealTimers())

    it('says after some seconds whom it waits for, and by which proxy', async () => {
      const identity = await enroll()
      const silent = createNetServer((socket) => void socket.on('error', () => {}).resume())
      const [server, proxy] = [await placeOf(silent), await startProxy()]
      files.writeIdentity({ ...identity, server: `https://${server}` })
      const talker = aTalker()
      stay(talker, identity, { HTTPS_PROXY: `http://somebody:secret@127.0.0.1:${proxy.port}` })
      const told = `still connecting to https://${server} (HTTPS_PROXY is 127.0.0.1:${proxy.port}) by stream: no answer after 5 s`
      expect(await until(() => talker.seen.some(({ trouble }) => trouble === told))).toBe(true)
      vi.advanceTimersByTime(10_000)
      const over = 'no answer within 15 s'
      expect(await until(() => talker.seen.some(({ trouble }) => trouble?.endsWith(over) === true))).toBe(true)
      end.abort()
      await running
      // Nothing of it is left at the proxy.
      await Promise.all([closed(silent), proxy.stop()])
    })

    it('says that nothing was heard, where a connection falls silent', async () => {
      const identity = await enroll()
      const talker = aTalker()
      stay(talker, identity)
      await until(isConnected)
      vi.advanceTimersByTime(45_000)
      const told = `nothing was heard from ${identity.server} for 45 s`
      expect(await until(() => talker.seen.some(({ trouble }) => trouble === told))).toBe(true)
    })
  })

  it('goes on where what it is enrolled as was damaged, says so, and is connected again once it is mended', async () => {
    const identity = await enroll()
    const talker = aTalker()
    stay(talker, identity)
    await until(isConnected)
    const place = join(files.path, 'identity.json')
    writeFileSync(place, '{')
    door.listener.hub.cut((await door.host('web1')).id, 'Test', 'come again')
    const told = `what this host is enrolled as cannot be read (${place} is damaged)`
    expect(await until(() => talker.seen.some(({ trouble }) => trouble === told))).toBe(true)
    files.writeIdentity(identity)
    expect(await until(isConnected)).toBe(true)
  })

  it('ends when the host was enrolled as another machine, so that the service begins anew', async () => {
    const identity = await enroll()
    const talker = aTalker()
    stay(talker, identity)
    await until(isConnected)
    files.writeIdentity({ ...identity, machine: `${identity.machine}-2` })
    door.listener.hub.cut((await door.host('web1')).id, 'Test', 'come again')
    await expect(running).rejects.toThrow('enrolled as another machine')
    running = undefined
  })
})

async function placeOf(server: NetServer): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `127.0.0.1:${(server.address() as AddressInfo).port}` // it listens on TCP
}

function closed(server: NetServer): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()))
}

interface Proxy {
  readonly port: number
  readonly asked: string[]
  /** Every connection through it, as a network does that has lost it. */
  reset(): void
  stop(): Promise<void>
}

async function startProxy(): Promise<Proxy> {
  const asked: string[] = []
  const through = new Set<Socket>()
  const server: Server = createServer()
  server.on('connect', (request, near: Socket) => {
    through.add(near)
    asked.push(request.url ?? '')
    const { hostname, port } = new URL(`http://${request.url ?? ''}`)
    const far = connect(Number(port), hostname, () => {
      near.write('HTTP/1.1 200 Connection established\r\n\r\n')
      far.pipe(near).pipe(far)
    })
    far.on('error', () => near.destroy())
    near.once('close', () => far.destroy())
    near.on('error', () => far.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // it listens on TCP
  const reset = (): void => through.forEach((socket) => socket.resetAndDestroy())
  return { port, asked, reset, stop: () => new Promise((resolve) => server.close(() => resolve())) }
}
