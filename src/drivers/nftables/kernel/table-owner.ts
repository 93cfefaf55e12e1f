/**
 * Holds the table with the flags `owner` and `persist` (Linux 6.9 and later): nobody else's flush, delete or add can
 * touch it while this process lives, and it stays, ready to be adopted, when the process dies.
 *
 * nft 1.0.6 has no word for `persist`, so one message is sent raw on libnftables' own socket; later transactions on that
 * socket come from the owner. Never `owner` without `persist`: that would open every port when the process dies.
 */
import type { EngineSocket, NftEngine } from './engine.ts'
import { receiveNow, sendToKernel } from './libc.ts'
import {
  batch,
  errnoOf,
  messagesIn,
  NEW_TABLE,
  NLM_F_ACK,
  NLM_F_CREATE,
  NLMSG_ERROR,
  request,
  text,
  uint32,
} from './netlink-message.ts'
import { TABLE } from '../nft-text.ts'
import type { OwnGenerations } from './own-generations.ts'
import type { KernelReader, TableFacts } from './reader.ts'

const TABLE_NAME = 1
const TABLE_FLAGS = 2
const OWNER_AND_PERSIST = 0x2 | 0x4
const NFPROTO_INET = 1
const SEQUENCE = 0x5a11

/** Resolves to whether this process holds the table. `isWriting`: the table is about to be written, so it may be made. */
export type HoldTable = (isWriting: boolean) => Promise<boolean>

export interface HoldOptions {
  readonly ownTable: 'auto' | 'off'
  readonly engine: Pick<NftEngine, 'socket'>
  readonly reader: Pick<KernelReader, 'tables' | 'generation'>
  readonly generations: Pick<OwnGenerations, 'during'>
}

export function createHoldTable({ ownTable, engine, reader, generations }: HoldOptions): HoldTable {
  const { socket } = engine
  if (ownTable === 'off' || socket === undefined) return () => Promise.resolve(false)
  return async (isWriting) => {
    const tables = await reader.tables()
    const ownership = ownershipOf(tables, TABLE, socket.portId())
    if (ownership === 'held') return true
    if (ownership === 'elsewhere' && isWriting) {
      throw new Error(`table ${TABLE} is held by another running process of Sallyport; stop that one first`)
    }
    const isThere = tables.some(({ name }) => name === TABLE)
    if (ownership !== 'free' || (!isThere && !isWriting)) return false
    return generations.during(reader, () => takeTable(TABLE, socket))
  }
}

/** `held`: by this process. `elsewhere`: by another live one. `free`: can be adopted, or made. `plain`: cannot be held. */
type Ownership = 'held' | 'elsewhere' | 'free' | 'plain'

function ownershipOf(tables: readonly TableFacts[], name: string, portId: number): Ownership {
  const table = tables.find((candidate) => candidate.family === NFPROTO_INET && candidate.name === name)
  if (table === undefined) return 'free'
  if (table.owner !== undefined) return table.owner === portId ? 'held' : 'elsewhere'
  return table.isPersistent ? 'free' : 'plain'
}

/** Makes or adopts the table. False where the kernel does not know how: then the table is watched and healed instead. */
async function takeTable(name: string, socket: EngineSocket): Promise<boolean> {
  return socket.run((fd) => {
    const attributes = [text(TABLE_NAME, name), uint32(TABLE_FLAGS, OWNER_AND_PERSIST)]
    sendToKernel(
      fd,
      batch(request({ type: NEW_TABLE, flags: NLM_F_ACK | NLM_F_CREATE, sequence: SEQUENCE, attributes })),
    )
    return answerOf(fd) === 0
  })
}

/** Every answer is taken from the socket: libnftables must not find one that is not its own. */
function answerOf(fd: number): number | undefined {
  const buffer = Buffer.alloc(8192)
  for (const message of messagesIn(receiveNow(fd, buffer))) {
    if (message.type === NLMSG_ERROR) return errnoOf(message.payload)
  }
  return undefined
}
