/**
 * Runs in a namespace without a grant: tries every door all the time, a fresh connection each, and counts the tries and
 * those that were let in. A door is tried again before the last answer came, for a closed one never answers.
 */
import { connect } from 'node:net'
import { serveRemote } from '../support/remote.ts'

export interface Door {
  readonly address: string
  readonly port: number
}

export interface Tally {
  readonly probes: number
  /** By door, when it was tried. */
  readonly letIn: readonly { readonly door: Door; readonly at: number }[]
}

export interface Attacker {
  /** Goes on until the process ends. */
  attack(doors: readonly Door[]): void
  tally(): Tally
}

const EVERY = 4
/** Before the kernel sends the first packet of a connection again. */
const WAIT = 150

let probes = 0
const letIn: Tally['letIn'][number][] = []

function probe(door: Door): void {
  probes += 1
  const at = Date.now()
  const socket = connect({ host: door.address, port: door.port, timeout: WAIT })
  socket.once('connect', () => {
    letIn.push({ door, at })
    socket.destroy()
  })
  socket.once('timeout', () => socket.destroy())
  socket.on('error', () => socket.destroy())
}

serveRemote<Attacker>({
  attack: (doors) => {
    setInterval(() => {
      for (const door of doors) probe(door)
    }, EVERY)
  },
  tally: () => ({ probes, letIn: [...letIn] }),
})
