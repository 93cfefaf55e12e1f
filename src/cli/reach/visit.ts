/**
 * One visit to a machine: reach it, hand the terminal to a program, and afterwards offer to close what was opened for it.
 * The program's exit code becomes ours.
 */
import type { Command } from 'commander'
import type { WireMachine } from '../../contract/machine.ts'
import { closeGrants } from '../access/close-grants.ts'
import { machinesFor, whoAmI } from '../names/directory.ts'
import { Done } from '../failure.ts'
import { LIVE } from '../show/grant-columns.ts'
import type { Io } from '../io.ts'
import type { Place } from '../outside.ts'
import { openSession, type Session } from '../session.ts'
import { interruptible } from '../access/wait-for.ts'
import { chooseMachine } from './choose-machine.ts'
import { reachMachine, type Reached } from './reach-machine.ts'
import { parseReachOptions, type ReachOptions } from './reach-options.ts'

export interface Visit {
  readonly command: Command
  readonly io: Io
  /** As typed: a name, an id, or the beginning of one. */
  readonly typed: string
  readonly options: ReachOptions
  /** Nobody goes in now: it stays open unless the command line says otherwise. */
  readonly forLater?: boolean
  /** Which port, once it is known what the machine offers. */
  readonly portOf: (machine: WireMachine) => number
  /** Runs the program to its end. Its exit code. */
  readonly run: (place: Place, machine: WireMachine, session: Session) => Promise<number>
}

export async function visit({ command, io, typed, options, forLater, portOf, run }: Visit): Promise<void> {
  const session = openSession(command, io)
  const parsed = parseReachOptions(options)
  // Who we are is asked for soon: over a long line every question in a row is felt.
  const [machines] = await Promise.all([machinesFor(session.client, [typed]), whoAmI(session.client)])
  const machine = await chooseMachine(typed, machines, session)
  const port = portOf(machine)
  const reached = await interruptible(io, (signal) => reachMachine({ session, machine, port, parsed, options, signal }))
  try {
    throw new Done(await run(reached.place, machine, session))
  } finally {
    await leave(reached, forLater === true && options.close !== true ? { ...options, keep: true } : options, session)
  }
}

async function leave({ opened }: Reached, options: ReachOptions, session: Session): Promise<void> {
  if (opened === undefined) return
  if (!(await mayClose(options, session))) {
    session.say(`The port stays open until its end. To close it: sallyport request close ${opened.id}`)
    return
  }
  const grants = opened.grants.filter(({ state }) => LIVE.has(state))
  await interruptible(session.io, (signal) => closeGrants({ request: opened, grants }, { session, wait: true, signal }))
  session.say('The port is closed again.')
}

/** Nobody to ask is no reason to close: a script says which it wants. */
async function mayClose({ close, keep }: ReachOptions, { io }: Session): Promise<boolean> {
  if (close === true || keep === true) return close === true
  if (!io.stdin.isTerminal || !io.stderr.isTerminal) return false
  const answer = await io.stdin.ask('Close the port again? [Y/n] ')
  return answer !== undefined && !/^n/i.test(answer.trim())
}
