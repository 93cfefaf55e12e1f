/** A machine by what was typed. On a terminal, where several fit, the person picks one; a script is told what there is. */
import type { WireMachine } from '../../contract/machine.ts'
import { namesLike, whereText } from '../../domain/names-like.ts'
import { pickMachine } from '../names/directory.ts'
import { EXIT } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import type { Session } from '../session.ts'

/** More than these are narrowed by typing, not by picking. */
const MOST = 20

export async function chooseMachine(
  typed: string,
  among: readonly WireMachine[],
  session: Session,
): Promise<WireMachine> {
  const { io } = session
  const found = namesLike(typed, among)
  const mayAsk = io.stdin.isTerminal && io.stderr.isTerminal
  if (!mayAsk || found.length < 2 || found.length > MOST) return pickMachine(typed, among)
  for (const [index, one] of found.entries())
    session.say(`${String(index + 1).padStart(3)}  ${whereText(one, found)}  ${one.id}`)
  const answer = await io.stdin.ask('Which one? ')
  if (answer === undefined) throw new Failure(EXIT.interrupted, 'interrupted; nothing was asked for')
  return found[Number(answer) - 1] ?? pickMachine(typed, among)
}
