/** A value that changes with every key, as it is when the typing pauses: what is asked by it is asked once. */
import { useEffect, useState } from 'react'

const PAUSE = 200

export function useSettled<T>(value: T): T {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = window.setTimeout(() => setSettled(value), PAUSE)
    return () => window.clearTimeout(timer)
  }, [value])
  return settled
}
