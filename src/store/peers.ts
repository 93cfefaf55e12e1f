/**
 * What replicas ask each other, over notifications of their database: the only way that all of them have to each other. It
 * carries questions and answers, and keeps neither; what is lost is not answered, and whoever waits gives up in time.
 *
 * It must never carry a wish: those are on record before anybody is told (wake.ts).
 */
import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import type { Peers } from '../app/ports/store.ts'
import { listen, type Listener } from './listen.ts'
import type { Session } from './session.ts'
import { statement } from './statement.ts'

const CHANNEL = 'sallyport_peers'
/** Of text, in bytes: in base64, and with what is said around it, it fits into the 8,000 that a notification may have. */
const PART = 5_000
/** What is longer is refused: every replica reads it. */
const LONGEST = 4 * 1024 * 1024
/** Of what came in parts, how long the rest is waited for. */
const PATIENCE = 30_000

interface Message {
  readonly kind: 'ask' | 'tell' | 'fail'
  /** Of the question. */
  readonly id: string
  readonly about: string
  readonly text: string
}

type Part = Omit<Message, 'text'> & {
  readonly from: string
  readonly part: number
  readonly parts: number
  readonly text: string
}

export interface OpenedPeers extends Peers {
  stop(): Promise<void>
}

export function openPeers({ url, session }: { readonly url: string; readonly session: Session }): OpenedPeers {
  const own = randomUUID()
  const waiting = new Map<string, PromiseWithResolvers<string>>()
  let answerer: Parameters<Peers['answer']>[0] = () => undefined
  let listener: Listener | undefined
  const send = (message: Message): Promise<unknown> => tell(session, { payloads: partsOf(message, own) })

  const answer = async ({ id, about, text }: Message): Promise<void> => {
    const answering = answerer(about, text)
    if (answering === undefined) return
    const said = await answering.then(
      (told): Message => ({ kind: 'tell', id, about, text: told }),
      (cause: unknown): Message => ({
        kind: 'fail',
        id,
        about,
        text: cause instanceof Error ? cause.message : String(cause),
      }),
    )
    await send(
      Buffer.byteLength(said.text) <= LONGEST ? said : { ...said, kind: 'fail', text: 'it has too much to tell' },
    )
  }

  const heard = (message: Message): void => {
    // That it could not be sent, whoever asked notices.
    if (message.kind === 'ask') void answer(message).catch(() => {})
    else if (message.kind === 'tell') waiting.get(message.id)?.resolve(message.text)
    else waiting.get(message.id)?.reject(new Error(message.text))
  }

  const assemble = assembler(own, heard)
  const begin = (): void => {
    listener ??= listen({ url, channel: CHANNEL, onPayload: assemble, onConnected: () => Promise.resolve() })
  }

  return {
    ask: async (about, text, signal) => {
      signal.throwIfAborted()
      begin()
      const id = randomUUID()
      const answered = Promise.withResolvers<string>()
      const giveUp = (): void =>
        answered.reject(new Error('no other server answered in time', { cause: signal.reason }))
      waiting.set(id, answered)
      signal.addEventListener('abort', giveUp, { once: true })
      try {
        await send({ kind: 'ask', id, about, text })
        return await answered.promise
      } finally {
        signal.removeEventListener('abort', giveUp)
        waiting.delete(id)
      }
    },
    answer: (next) => {
      answerer = next
      begin()
    },
    stop: async () => {
      answerer = () => undefined
      await listener?.stop()
    },
  }
}

function partsOf({ text, ...message }: Message, from: string): string[] {
  const bytes = Buffer.from(text)
  const parts = Math.max(1, Math.ceil(bytes.length / PART))
  return Array.from({ length: parts }, (_, part) => {
    const piece = bytes.subarray(part * PART, (part + 1) * PART).toString('base64')
    const whole: Part = { ...message, from, part, parts, text: piece }
    return JSON.stringify(whole)
  })
}

interface Arriving {
  readonly pieces: string[]
  left: number
  readonly since: number
}

/** Puts together what came in parts; what we said ourselves is passed over. */
function assembler(own: string, heard: (message: Message) => void): (payload: string) => void {
  const arriving = new Map<string, Arriving>()
  return (payload) => {
    const said = partIn(payload)
    if (said === undefined || said.from === own) return
    const { from, part, parts, text, ...message } = said
    for (const [id, { since }] of arriving) if (performance.now() - since > PATIENCE) arriving.delete(id)
    const key = `${from} ${message.kind} ${message.id}`
    const whole = arriving.get(key) ?? { pieces: [], left: parts, since: performance.now() }
    arriving.set(key, whole)
    whole.pieces[part] = text
    whole.left -= 1
    if (whole.left > 0) return
    arriving.delete(key)
    const bytes = Buffer.concat(whole.pieces.map((piece) => Buffer.from(piece, 'base64')))
    heard({ ...message, text: bytes.toString() })
  }
}

/** Anybody who may use the database may say anything on the channel; that ends no server. */
function partIn(payload: string): Part | undefined {
  try {
    const said = JSON.parse(payload) as Partial<Part> | null
    return typeof said?.text === 'string' && typeof said.id === 'string' ? (said as Part) : undefined // as partsOf wrote it
  } catch {
    return undefined
  }
}

const tell = statement((writer, p: { payloads: readonly string[] }, { each }) => ({
  compile: () => sql`select pg_notify(${sql.lit(CHANNEL)}, value) from ${each(p.payloads)}`.compile(writer),
}))
