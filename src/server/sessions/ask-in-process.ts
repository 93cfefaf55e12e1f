/**
 * Asks the installation's own issuer without a network between: by its public address this process may not even reach
 * itself, and need not trust its own certificate.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import inject from 'light-my-request'
import type { CustomFetch } from 'openid-client'

type Handle = (request: IncomingMessage, response: ServerResponse) => Promise<void>

export function askInProcess(handle: Handle): CustomFetch {
  return async (url, { method, headers, body }) => {
    const { pathname, search } = new URL(url)
    const answer = await inject((request, response) => void handle(request, response), {
      method: method === 'POST' ? 'POST' : 'GET',
      url: pathname + search,
      headers: { ...headers },
      ...(body instanceof URLSearchParams && { payload: body.toString() }),
    })
    const sent = Object.entries(answer.headers).map(([name, value]): [string, string] => [name, String(value)])
    return new Response(new Uint8Array(answer.rawPayload), { status: answer.statusCode, headers: sent })
  }
}
