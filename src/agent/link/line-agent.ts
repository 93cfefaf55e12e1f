/**
 * Makes the connections to the server's listener: TLS 1.3, by the installation's own authority, through an HTTPS proxy where
 * the environment names one. Whoever ends it ends what is still being made too.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { Agent, type AgentOptions } from 'node:https'
import type { Socket } from 'node:net'
import { AGENT_SERVER_NAME } from '../../contract/agent.ts'
import type { Environment } from './server-line.ts'

export function createLineAgent(env: Environment, options: AgentOptions): Agent {
  return new LineAgent({
    keepAlive: true,
    minVersion: 'TLSv1.3',
    // Whatever the environment says (NODE_TLS_REJECT_UNAUTHORIZED).
    rejectUnauthorized: true,
    // Whatever address a listener is reached by, this is its name.
    servername: AGENT_SERVER_NAME,
    proxyEnv: { ...env },
    ...options,
  })
}

type Connect = NonNullable<Agent['createConnection']>

/**
 * While a proxy has not led to anybody, Node.js gives the socket to it to nobody, and ends it with no request: it would stay
 * for as long as the proxy keeps it, one for each try.
 */
class LineAgent extends Agent {
  readonly #made = new Set<Socket>()

  override createConnection(...args: Parameters<Connect>): ReturnType<Connect> {
    const note = (message: unknown): void => this.#note((message as { socket: Socket }).socket) // https://nodejs.org/api/diagnostics_channel.html#net
    subscribe('net.client.socket', note)
    try {
      return super.createConnection(...args)
    } finally {
      unsubscribe('net.client.socket', note)
    }
  }

  override destroy(): void {
    super.destroy()
    for (const socket of this.#made) socket.destroy()
  }

  #note(socket: Socket): void {
    this.#made.add(socket)
    socket.once('close', () => this.#made.delete(socket))
  }
}

/** Where to, as somebody can look it up: without what may be secret in it. */
export function wayTo(server: string, env: Environment): string {
  const proxy = env['HTTPS_PROXY'] ?? env['https_proxy'] ?? ''
  if (proxy === '') return server
  return `${server} (HTTPS_PROXY is ${URL.canParse(proxy) ? new URL(proxy).host : 'no address'})`
}
