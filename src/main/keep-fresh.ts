/** What lists say of very many machines is looked after between the questions, so that nobody has to wait for it. */
import type { Postures } from '../app/machines/postures.ts'

const EVERY_MS = 5_000

/** Returns how to stop. */
export function keepFresh(postures: Pick<Postures, 'keepFresh'>): () => void {
  const freshen = (): void => void postures.keepFresh().catch(() => {}) // whoever asks next is told
  const timer = setInterval(freshen, EVERY_MS)
  timer.unref()
  return () => clearInterval(timer)
}
