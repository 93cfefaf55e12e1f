/** Knocks at every address that a machine may have until one answers: an open rule is not yet an open port. */
import type { Millis } from '../../domain/time.ts'
import { EXIT } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import type { Outside, Place } from '../outside.ts'
import { startProgress } from '../show/progress.ts'
import type { Wanted } from './reach-machine.ts'

const ONE_KNOCK: Millis = 2_000
const FIRST_PAUSE: Millis = 100
const LONGEST_PAUSE: Millis = 2_000

export async function knockUntilOpen(places: readonly Place[], wanted: Wanted): Promise<Place> {
  const { session, parsed, signal } = wanted
  const { io } = session
  const deadline = io.now() + parsed.timeout
  const progress = startProgress(io)
  try {
    for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      const answering = await firstThatAnswers(places, { outside: io.outside, signal })
      if (answering !== undefined) return answering
      if (signal.aborted) throw new Failure(EXIT.interrupted, 'interrupted')
      if (io.now() >= deadline) throw silent(places, wanted)
      progress.update(`waiting until ${places.map(placeText).join(' or ')} answers`)
      await io.pause(pause, signal)
    }
  } finally {
    progress.stop()
  }
}

interface Knocking {
  readonly outside: Outside
  readonly signal: AbortSignal
}

/** All at once, and of those that answer the one that comes first in the list. */
async function firstThatAnswers(places: readonly Place[], { outside, signal }: Knocking): Promise<Place | undefined> {
  const knocks = places.map((place) => outside.reaches(place, ONE_KNOCK, signal))
  for (const [index, knock] of knocks.entries()) if (await knock) return places[index]
  return undefined
}

function silent(places: readonly Place[], { machine, port, options }: Wanted): Failure {
  const where = places.map(placeText).join(' or ')
  return new Failure(EXIT.timedOut, `${machine.name} does not answer at ${where}`, {
    remedy: `is something listening on port ${port} there, and is there a way from here?${options.address === undefined ? ' Another address: --address' : ''}`,
  })
}

export function placeText({ address, port }: Place): string {
  return `${address.includes(':') ? `[${address}]` : address}:${port}`
}
