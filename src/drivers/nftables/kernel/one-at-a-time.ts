/** Runs tasks strictly one after the other, in the order they came. A task that fails does not stop the next. */
export interface OneAtATime {
  run<T>(task: () => Promise<T> | T): Promise<T>
}

export function createOneAtATime(): OneAtATime {
  let last: Promise<unknown> = Promise.resolve()
  return {
    run: (task) => {
      const result = last.then(task)
      last = result.catch(() => undefined)
      return result
    },
  }
}
