/** The machine's cable is out, or the machine itself stands still, for longer than a hole. */
import { setTimeout as pause } from 'node:timers/promises'
import { nobodyElse, openFor, settled, type Theatre } from './act.ts'
import { hasKvm } from './ground.ts'
import type { Act } from './knocks.ts'

const HOLE = 40
/** An emulated machine needs seconds for what takes a tenth of one. */
const SOON = hasKvm() ? 1_000 : 15_000
/** For how long after its end the machine is away. */
const LONGER = 10_000

export async function silences(theatre: Theatre): Promise<void> {
  const { stage, timeline } = theatre
  const { machine } = stage
  timeline.say('Its cable is pulled for longer than a hole.')
  await openFor(theatre, HOLE)
  await machine.press('set_link', { name: 'cable', up: false })
  await pastTheEnd(theatre)
  await machine.press('set_link', { name: 'cable', up: true })
  await pause(2_000)
  await timeline.see('it is shut when the cable is back', async () => !(await stage.operatorGetsIn()))
  await nobodyElse(theatre, 'around the cable')
  await settled(theatre)

  timeline.say('The virtual machine is paused for longer than a hole: no clock of its own goes on meanwhile.')
  await paused(theatre)
  timeline.say('And with no server to ask when it goes on.')
  await openFor(theatre, HOLE)
  await stage.stopServer()
  await standStill(theatre)
  await stage.startServer()
  await settled(theatre)

  timeline.say('It is put to sleep for longer than a hole, and woken.')
  await openFor(theatre, HOLE)
  machine.send('sleep 1; echo mem >/sys/power/state')
  await pastTheEnd(theatre)
  await woken(theatre, () => machine.press('system_wakeup'), 'after it slept')
  await settled(theatre)
}

async function paused(theatre: Theatre): Promise<void> {
  await openFor(theatre, HOLE)
  await standStill(theatre)
  await settled(theatre)
}

async function standStill(theatre: Theatre): Promise<void> {
  const { machine } = theatre.stage
  await machine.press('stop')
  await pastTheEnd(theatre)
  await woken(theatre, () => machine.press('cont'), 'after the pause')
}

function pastTheEnd({ stage }: Theatre): Promise<void> {
  return pause(Math.max(0, (stage.holes.at(-1)?.until ?? 0) - Date.now() + LONGER))
}

/**
 * How long it takes to notice is what can be asked: nothing in the machine tells it at once. Left to its own timers, the
 * hole would stay for as long again as it had left.
 */
async function woken(theatre: Theatre, wake: () => Promise<void>, when: string): Promise<void> {
  const { stage, timeline } = theatre
  const before = await stage.knocks.judged(stage.holes)
  const at = Date.now()
  await wake()
  await pause(30_000)
  const act = await stage.knocks.judged(stage.holes)
  await timeline.see(`it is shut within ${SOON / 1_000} s ${when}`, async () => shutAfter(act, at))
  await timeline.see('nobody got in before', async () => before.wrong.length === 0)
}

function shutAfter({ wrong, knocks, unprotectedAnswered }: Act, at: number): string {
  const last = wrong.at(-1)
  const text = `${wrong.length} of ${knocks} knocks got in; ${unprotectedAnswered} were answered at the port beside it`
  if (unprotectedAnswered === 0 || wrong.some(({ at: when }) => when > at + SOON))
    throw new Error(`${text}, the last ${Math.round((last?.at ?? at) - at)} ms after it went on`)
  return last === undefined ? text : `${text}, the last ${Math.round(last.at - at)} ms after it went on`
}
