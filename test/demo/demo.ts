/**
 * The main job, on a real kernel with a real sshd: closed by default, opened on request, closed by itself, even with
 * the server dead. Exits with 0 only if every statement was observed.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { startKnocker } from './knocker.ts'
import { openSession, runOverSsh, startSshd } from './ssh.ts'
import { HOST_SEEN_BY, killGroup, setStage, type Role, type Stage } from './stage.ts'
import { Timeline } from './timeline.ts'

const SALLYPORT = join(import.meta.dirname, '../../bin/sallyport')
const FIRST_WINDOW = 8
const SECOND_WINDOW = 6
const PATIENCE = 700
/** A port that is still open this long after the end will not close. */
const OVERRUN = 3_000
/** A knock takes some milliseconds and the kernel closes up to two of its ticks early; this is generous to both. */
const EARLIEST = 100

const asJson = process.argv.includes('--json')
const timeline = new Timeline((text) => (asJson ? process.stderr : process.stdout).write(text))
const stage = setStage()
process.once('SIGINT', () => {
  stage.leave()
  process.exit(130)
})
try {
  await play(stage)
} finally {
  stage.leave()
}
if (asJson) process.stdout.write(`${JSON.stringify({ steps: timeline.steps, ok: timeline.ok })}\n`)
else timeline.say(timeline.ok ? 'Everything was observed.' : 'Not everything was observed: see the lines marked ✗.')
process.exitCode = timeline.ok ? 0 : 1

async function play(stage: Stage): Promise<void> {
  const knockers = { operator: startKnocker(stage, 'operator'), stranger: startKnocker(stage, 'stranger') }
  const isIn = (role: 'operator' | 'stranger'): Promise<boolean> =>
    knockers[role].knock(HOST_SEEN_BY[role], 22, PATIENCE)
  const isOut = async (role: 'operator' | 'stranger'): Promise<boolean> => !(await isIn(role))

  timeline.say('Three machines: a host with sshd on port 22, an operator and a stranger. No protection yet.')
  startSshd(stage)
  await until(() => isIn('operator'), 5_000)
  const before = await stage.run('host', ['nft', 'list', 'ruleset'])
  await timeline.see('without protection the stranger reaches port 22', () => isIn('stranger'))

  timeline.say('The server starts with an empty data folder, and port 22 is protected.')
  let server = await startServer(stage)
  await timeline.see('the server serves', () => Promise.resolve(`pid ${server.pid}`))
  await timeline.see('port 22 is protected', () => protect(stage))
  await timeline.see('the operator is shut out', () => isOut('operator'))
  await timeline.see('the stranger is shut out', () => isOut('stranger'))

  timeline.say(`The operator asks for port 22 for ${FIRST_WINDOW} seconds.`)
  const first = await request(stage, FIRST_WINDOW)
  await timeline.see('the request is granted', () => Promise.resolve(`until ${first.endTimeUtc}`))
  await timeline.see('the operator is in, over ssh', () => saysHello(stage))
  await timeline.see('the stranger still is not', () => isOut('stranger'))
  const session = openSession(stage, 'operator', HOST_SEEN_BY.operator)
  await timeline.see('an ssh session is open inside the window', () => session.echoes('inside the window', 3_000))
  await timeline.see('the port shuts by itself at the end', () => shutsAt(isIn, first.ends))
  await timeline.see('the ssh session opened before lives on', () => session.echoes('after the window', 3_000))
  session.end()

  timeline.say(`Again, for ${SECOND_WINDOW} seconds, and the server is killed while the port is open.`)
  const second = await request(stage, SECOND_WINDOW)
  await timeline.see('the operator is in again', () => isIn('operator'))
  await timeline.see('the server is killed with kill -9', () => kill(server))
  await timeline.see('the port is still open', () => isIn('operator'))
  await timeline.see('the port shuts on time with no server alive', () => shutsAt(isIn, second.ends))
  await timeline.see('the stranger is still shut out', () => isOut('stranger'))

  timeline.say('The server starts again on the same data folder.')
  server = await startServer(stage)
  await timeline.see('it saw that the second hole is closed', () => closedCount(stage, 2))
  await timeline.see('no hole is overdue', () => noneOverdue(stage))
  timeline.say('The audit trail:')
  const trail = await sallyport(stage, 'host', 'audit', 'list')
  if (!asJson) process.stdout.write(`${trail}\n`)
  await timeline.see('the audit trail tells all of it', () => tellsAll(stage))
  await timeline.see('removing the policy leaves the ruleset as it was found', () => removesCleanly(stage, before))
  server.kill('SIGTERM')
  await timeline.see('the server stops when asked', () => until(() => Promise.resolve(server.exitCode === 0), 5_000))
}

type Server = ReturnType<Stage['spawn']>

function readyFile(stage: Stage): string {
  return join(stage.folder, 'ready.json')
}

async function startServer(stage: Stage): Promise<Server> {
  const options = ['--data', join(stage.folder, 'data'), '--listen', '0.0.0.0:8470', '--ready-file', readyFile(stage)]
  const server = stage.spawn('host', [SALLYPORT, 'server', ...options], { stdio: ['ignore', 'ignore', 'pipe'] })
  let log = ''
  server.stderr?.on('data', (chunk: Buffer) => (log += chunk.toString()))
  const isReady = await until(() => Promise.resolve(existsSync(readyFile(stage))), 15_000)
  if (!isReady) throw new Error(`the server did not become ready: ${log}`)
  return server
}

/** Killed, it cannot take its ready file away; the next one writes it anew. */
async function kill(server: Server): Promise<boolean> {
  if (server.pid === undefined) return false
  killGroup(server.pid)
  const isDead = await until(() => Promise.resolve(server.signalCode === 'SIGKILL'), 2_000)
  await stage.run('host', ['rm', '-f', readyFile(stage)])
  return isDead
}

/** The command line as its user types it; the operator reaches the server over the network, by HTTPS. */
function sallyport(stage: Stage, role: Role, ...args: readonly string[]): Promise<string> {
  const { adminTokenFile, caFile } = JSON.parse(readFileSync(readyFile(stage), 'utf8')) as Record<string, string> // our own ready file
  const url = role === 'host' ? 'http://127.0.0.1:8470' : `https://${HOST_SEEN_BY.operator}:8470`
  const command = [SALLYPORT, ...args, '--server', url, '--token-file', adminTokenFile ?? '']
  return stage.run(role, ['env', `NODE_EXTRA_CA_CERTS=${caFile ?? ''}`, ...command])
}

async function protect(stage: Stage): Promise<boolean> {
  const [machine] = JSON.parse(await sallyport(stage, 'host', 'machine', 'list', '-o', 'json')) as { id: string }[]
  if (machine === undefined) return false
  await sallyport(
    stage,
    'host',
    'policy',
    'set',
    'default',
    '--machine',
    machine.id,
    '--port',
    '22/tcp,max=PT1H',
    '--yes',
  )
  return true
}

interface Granted {
  readonly endTimeUtc: string
  readonly ends: number
}

async function request(stage: Stage, seconds: number): Promise<Granted> {
  const [machine] = JSON.parse(await sallyport(stage, 'host', 'machine', 'list', '-o', 'json')) as { id: string }[]
  const options = ['--port', '22', '--for', `${seconds}s`, '--justification', 'the demo', '-o', 'json']
  const answer = JSON.parse(await sallyport(stage, 'operator', 'request', 'create', machine?.id ?? '', ...options)) as {
    grants: { endTimeUtc: string }[]
  }
  const endTimeUtc = answer.grants[0]?.endTimeUtc ?? ''
  return { endTimeUtc, ends: Date.parse(endTimeUtc) }
}

async function saysHello(stage: Stage): Promise<boolean | string> {
  return (await runOverSsh(stage, 'operator', HOST_SEEN_BY.operator, 'echo hello')).trim() === 'hello'
}

/** Knocks until the port no longer answers. On time is not after the end, and hardly before it. */
async function shutsAt(isIn: (role: 'operator') => Promise<boolean>, ends: number): Promise<boolean | string> {
  let lastIn = Number.NEGATIVE_INFINITY
  for (;;) {
    const knocked = Date.now()
    if (knocked > ends + OVERRUN) return false
    if (!(await isIn('operator')))
      return lastIn <= ends && lastIn > ends - EARLIEST && `last let in ${ends - lastIn} ms before the end`
    lastIn = knocked
    await pause(2)
  }
}

interface AuditEvent {
  readonly action: string
}

async function audit(stage: Stage): Promise<AuditEvent[]> {
  return JSON.parse(await sallyport(stage, 'host', 'audit', 'list', '-o', 'json')) as AuditEvent[]
}

async function count(stage: Stage, action: string): Promise<number> {
  return (await audit(stage)).filter((event) => event.action === action).length
}

function closedCount(stage: Stage, expected: number): Promise<boolean> {
  return until(async () => (await count(stage, 'access.closed')) === expected, 5_000)
}

async function tellsAll(stage: Stage): Promise<boolean | string> {
  const counts = await Promise.all(
    ['policy.saved', 'access.requested', 'access.opened', 'access.closed'].map((action) => count(stage, action)),
  )
  return counts.join() === '1,2,2,2' && `1 policy, 2 requests, 2 opened, 2 closed`
}

async function noneOverdue(stage: Stage): Promise<boolean> {
  const { adminTokenFile } = JSON.parse(readFileSync(readyFile(stage), 'utf8')) as { adminTokenFile: string } // our own ready file
  const authorization = `authorization: Bearer ${readFileSync(adminTokenFile, 'utf8').trim()}`
  const metrics = await stage.run('host', ['curl', '-sS', '-H', authorization, 'http://127.0.0.1:8470/metrics'])
  return /^sallyport_overdue_holes 0$/m.test(metrics)
}

async function removesCleanly(stage: Stage, before: string): Promise<boolean> {
  await sallyport(stage, 'host', 'policy', 'remove', 'default', '--yes')
  return (await stage.run('host', ['nft', 'list', 'ruleset'])) === before
}

async function until(holds: () => Promise<boolean>, patience: number): Promise<boolean> {
  const end = Date.now() + patience
  while (Date.now() < end) {
    if (await holds()) return true
    await pause(50)
  }
  return false
}
