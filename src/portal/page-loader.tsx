/**
 * A page that is loaded when it is first shown. One that could not be loaded is asked for again the next time: React alone would
 * keep the failure for as long as the document lives.
 */
import { lazy, Suspense, useState, type ComponentType, type ReactNode } from 'react'
import { Loading } from './parts/states.tsx'

type Load = () => Promise<{ default: ComponentType }>

export function loadedPage(load: Load): ComponentType {
  let page = lazyPage()
  let isBroken = false
  function lazyPage(): ComponentType {
    return lazy(() =>
      load().catch(async (cause: unknown) => {
        isBroken = true
        throw cause
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
