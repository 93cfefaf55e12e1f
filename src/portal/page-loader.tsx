/**
 * A page that is loaded when it is first shown. One that could not be loaded is asked for again the next time: React alone would
 * keep the failure for as long as the document lives.
 */
import { lazy, Suspense, useState, type ComponentType, type ReactNode } from 'react'
import { ApiError } from './api/call.ts'
import { isConnectedNow } from './api/live.ts'
import { Loading } from './parts/states.tsx'

type Load = () => Promise<{ default: ComponentType }>

const loads = new Map<string, Load>()

/** The page of this address, while it is still being asked who is signed in. */
export function loadNow(path: string): void {
  loads
    .get(path)?.()
    .catch(() => {}) // asked for again when it is shown
}

/** All pages, one by one, so that they are there when they are asked for, even if the server is not. */
export async function loadAhead(): Promise<void> {
  for (const load of loads.values()) await load().catch(() => {}) // asked for again when it is shown
}

const ONCE_MORE_AFTER = 1_000

/** A network that comes back this moment is no reason to give up. */
async function loadTwice(load: Load): ReturnType<Load> {
  try {
    return await load()
  } catch {
    await new Promise((resolve) => setTimeout(resolve, ONCE_MORE_AFTER))
    return load()
  }
}

export function loadedPage(path: string, load: Load): ComponentType {
  loads.set(path, load)
  let page = lazyPage()
  let isBroken = false
  function lazyPage(): ComponentType {
    return lazy(() =>
      loadTwice(load).catch(async (cause: unknown) => {
        isBroken = true
        throw isConnectedNow() ? cause : new ApiError('offline', { code: 'Offline', message: String(cause) })
      }),
    )
  }
  return function LoadedPage(): ReactNode {
    // Chosen when it is shown, so that a page does not change under the reader.
    const [Shown] = useState(() => {
      if (isBroken) page = lazyPage()
      isBroken = false
      return page
    })
    return (
      <Suspense fallback={<Loading />}>
        <Shown />
      </Suspense>
    )
  }
}
