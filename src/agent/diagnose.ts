/** Everything that `doctor` looks at on this host, each with what to do about it. Changes nothing. */
import type { PointId } from '../app/ports/inventory.ts'
import { AGENT_PATHS, clockAnswer } from '../contract/agent.ts'
import { found, foundAs } from '../domain/check.ts'
import { resourceKey, type ResourceId } from '../domain/resource-id.ts'
import { openNftables } from '../drivers/nftables/open-nftables.ts'
import type { Finding } from '../drivers/nftables/foreign/findings.ts'
import { sentenceOf } from './agent-log.ts'
import { readAgentStatus } from './state/agent-status.ts'
import { answerOf, openServerLine, Refused, type Environment } from './link/server-line.ts'
import type { Identity, StateFolder } from './state/state-folder.ts'

export async function diagnose(files: StateFolder, env: Environment): Promise<Finding[]> {
  const identity = files.readIdentity()
  return [
    ...(await kernel(identity?.machine ?? 'none')),
    enrolment(identity, () => files.whyNoIdentity()),
    ...(identity === undefined ? [] : [await server(identity, env)]),
    running(files),
  ]
}

async function kernel(machine: string): Promise<Finding[]> {
  const point = 'host:' as PointId // only looked at
  try {
    const key = resourceKey(machine as ResourceId) // as recorded
    const clock = { now: () => Date.now() }
    const driver = openNftables({ point, machine: key, clock, backend: 'auto', ownTable: 'off' })
    const missing = (await driver.probe()).map((reason): Finding => ({
      name: reason.code,
      status: 'failed',
      ...foundAs(reason),
    }))
    const findings = missing.length > 0 ? missing : await driver.doctor()
    await driver.close()
    if (findings.length > 0) return [...findings]
    return [
      {
        name: 'kernel',
        status: 'ok',
        ...found('KernelIsFit', {}),
      },
    ]
  } catch (error) {
    const remedy = 'run it as root, and install nftables and iproute2'
    return [{ name: 'kernel', status: 'failed', text: sentenceOf(error), remedy }]
  }
}

function enrolment(identity: Identity | undefined, why: () => string): Finding {
  if (identity === undefined) {
    const remedy = 'run the command that `sallyport host enroll` prints'
    return { name: 'enrolment', status: 'failed', text: why(), remedy }
  }
  return { name: 'enrolment', status: 'ok', text: `${identity.machine} at ${identity.server}` }
}

async function server(identity: Identity, env: Environment): Promise<Finding> {
  const line = openServerLine({ ...identity, env })
  try {
    const begun = Date.now()
    const answer = answerOf(await line.call({ method: 'GET', path: AGENT_PATHS.clock }), clockAnswer)
    const off = Math.round((begun + Date.now()) / 2 - answer.server)
    const text = `answers in ${Date.now() - begun} ms; the wall clock here is ${Math.abs(off)} ms ${off < 0 ? 'behind' : 'ahead of'} its clock`
    return { name: 'server', status: 'ok', text }
  } catch (error) {
    const remedy = `${remedyOf(error, identity)}; protected ports stay closed meanwhile`
    return { name: 'server', status: 'failed', text: sentenceOf(error), remedy }
  } finally {
    line.close()
  }
}

function remedyOf(error: unknown, { server }: Identity): string {
  if (error instanceof Refused)
    return 'the server is there and does not let this host in: if it should be, run the command that `sallyport host enroll` prints'
  return `see whether ${server} can be reached from here, directly or by HTTPS_PROXY`
}

function running(files: StateFolder): Finding {
  const status = readAgentStatus(files)
  const isAlive = status !== undefined && isRunning(status.pid)
  if (isAlive) return { name: 'agent', status: 'ok', text: `runs as process ${status.pid}` }
  return {
    name: 'agent',
    status: 'failed',
    text: 'the agent does not run',
    remedy: 'systemctl enable --now sallyport-agent',
  }
}

export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' // Node.js's own errors carry a code
  }
}
