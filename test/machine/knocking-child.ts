/**
 * Knocks at the machine all the time, a fresh connection each, from an operator's and a stranger's address at port 22, and
 * at a port that nobody protects and nobody listens at: what answers there proves that a knock would have come through.
 * An answer is an answer: a refusal has passed the firewall too. Talks to knocks.ts over Node's channel.
 */
import { connect } from 'node:net'
import type { Answered, Knocked, KnockOrder } from './knocks.ts'

/** Before the kernel would send the first packet of a connection again: each knock is one packet. */
const PATIENCE = 800
const UNPROTECTED_EVERY = 20
const tally = { knocks: 0, unprotected: 0, unprotectedAnswered: 0 }
let answers: Answered[] = []
const timers: NodeJS.Timeout[] = []

/** By the wall clock of this computer, which is the server's too. */
function now(): number {
  return performance.timeOrigin + performance.now()
}

function knock(order: KnockOrder, from: string, port: number, onAnswer: (answered: Answered) => void): void {
  const sent = now()
  const socket = connect({ host: order.to, port, localAddress: from })
  const timer = setTimeout(() => socket.destroy(), PATIENCE)
  const answered = (): void => onAnswer({ from, sent, at: now() })
  socket.once('connect', () => {
    answered()
    socket.resetAndDestroy()
  })
  socket.once('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'ECONNREFUSED' || error.code === 'ECONNRESET') answered()
  })
  socket.once('close', () => clearTimeout(timer))
}

function begin(order: KnockOrder): void {
  for (const timer of timers.splice(0)) clearInterval(timer)
  for (const [from, every] of [order.operator, order.stranger])
    again(every, () => {
      tally.knocks += 1
      knock(order, from, order.port, (answered) => answers.push(answered))
    })
  again(UNPROTECTED_EVERY, () => {
    tally.unprotected += 1
    knock(order, order.stranger[0], order.unprotected, () => (tally.unprotectedAnswered += 1))
  })
}

function again(every: number, run: () => void): void {
  timers.push(setInterval(run, every))
}

process.on('message', (message: KnockOrder | 'tell') => {
  if (message !== 'tell') return begin(message)
  const told: Knocked = { ...tally, answers }
  answers = []
  process.send?.(told)
})
process.on('disconnect', () => process.exit(0))
