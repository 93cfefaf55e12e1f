/** A host of the lab with its agent, connected to the real server, which is asked as its administrator. */
import { join } from 'node:path'
import { vi } from 'vitest'
import type { Api } from '../support/api-worker.ts'
import { startRemote } from '../support/remote.ts'
import type { Reply } from '../support/reply.ts'
import { apiOf, type HostName, type HostsLab, type Running } from './hosts-lab.ts'

export interface ServedHost {
  call(method: string, path: string, body?: object, headers?: Record<string, string>): Promise<Reply>
  readonly agent: Running
  /** Its resource id. */
  readonly machine: string
  /** The path of the policy `default`. */
  readonly policy: string
  stop(): Promise<void>
}

const WORKER = join(import.meta.dirname, '../support/api-worker.ts')

export async function serveHost(lab: HostsLab, name: HostName): Promise<ServedHost> {
  await lab.startServer()
  const { url, token } = apiOf(lab)
  const api = await startRemote<Api>(lab.name('server'), WORKER, [url, token])
  const call: ServedHost['call'] = (...asked) => api.call('call', ...asked)
  const { command } = (await call('POST', `/api/v1/hosts/${name}/enroll`, {})).body
  const words = String(command).split(' ')
  lab.agent(name, words.slice(words.indexOf('enroll')))
  const agent = lab.startAgent(name)
  await vi.waitUntil(() => lab.isConnected(name), { timeout: 20_000 })
  const machine: string = (await call('GET', `/api/v1/hosts/${name}`)).body.id
  const [, subscription = ''] = /subscriptions\/([^/]+)/.exec(machine) ?? []
  const policy = `/subscriptions/${subscription}/resourceGroups/default/providers/Microsoft.Security/locations/local/jitNetworkAccessPolicies/default`
  return { call, agent, machine, policy, stop: () => api.kill() }
}
