/** Work on many things, so many at once and no more; the answers come in the order of the things. */
/** Calls that the server judges or writes at once: enough to be quick, not enough to crowd others out. */
export const AT_ONCE = 8

export async function atMost<T, R>(limit: number, items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const answers: R[] = []
  const waiting = [...items.entries()]
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) answers[next[0]] = await work(next[1])
  }
  await Promise.all(Array.from({ length: limit }, worker))
  return answers
}
