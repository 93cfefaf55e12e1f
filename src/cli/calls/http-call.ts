/**
 * One HTTP call, over Node.js's own client. `fetch` would do as well, but it takes longer to load than most commands take
 * to run. Follows no redirect. Goes through a proxy where `prepareTransport` said so, as everything of this process does.
 */
import type { IncomingMessage } from 'node:http'
import type { RequestOptions } from 'node:https'

export interface Outgoing {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  readonly body?: string
  /** What the server's certificate has to be for, where that is not the host of the URL. */
  readonly certName?: string
}

export interface Reply {
  readonly status: number
  readonly ok: boolean
  readonly headers: { get(name: string): string | null }
  /** As it arrives; it can be read once, by this or by `text`. */
  readonly body: AsyncIterable<Uint8Array>
  text(): Promise<string>
}

/** Throws the signal's reason, or an error with what happened as its cause. */
export function httpCall(url: string, outgoing: Outgoing): Promise<Reply> {
  return call(url, outgoing, outgoing.method === 'GET')
}

async function call(url: string, outgoing: Outgoing, mayRepeat: boolean): Promise<Reply> {
  const { method, headers, body, signal, certName } = outgoing
  const { request } = process.getBuiltinModule(url.startsWith('https:') ? 'node:https' : 'node:http')
  const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const sent = request(url, { method, headers: { ...headers, ...length }, signal, ...identityOf(certName) }, resolve)
  sent.once('error', reject)
  sent.end(body)
  try {
    return replyOf(await promise, signal)
  } catch (cause) {
    // The server had closed a kept connection just then: https://nodejs.org/api/http.html#requestreusedsocket
    if (mayRepeat && sent.reusedSocket && !signal.aborted) return call(url, outgoing, false)
    throw failedCall(cause, signal)
  }
}

/**
 * Every check is made, for this name. The certificate itself is among those to trust, whoever signed it: the file of the
 * server on this machine names it.
 */
function identityOf(certName: string | undefined): RequestOptions {
  if (certName === undefined) return {}
  const { checkServerIdentity } = process.getBuiltinModule('node:tls')
  return {
    checkServerIdentity: (_, certificate) => checkServerIdentity(certName, certificate),
    allowPartialTrustChain: true,
  }
}

function failedCall(cause: unknown, signal: AbortSignal): unknown {
  return signal.aborted ? signal.reason : new Error('the call failed', { cause })
}

function replyOf(message: IncomingMessage, signal: AbortSignal): Reply {
  const status = message.statusCode ?? 0
  const body = bodyOf(message, signal)
  return {
    status,
    ok: status >= 200 && status < 300,
    headers: { get: (name) => message.headers[name.toLowerCase()]?.toString() ?? null },
    body,
    text: async () => {
      const chunks: Uint8Array[] = []
      for await (const chunk of body) chunks.push(chunk)
      return Buffer.concat(chunks).toString('utf8')
    },
  }
}

async function* bodyOf(message: IncomingMessage, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    // Without an encoding a message gives buffers.
    for await (const chunk of message as AsyncIterable<Buffer>) yield chunk
  } catch (cause) {
    throw failedCall(cause, signal)
  }
}
