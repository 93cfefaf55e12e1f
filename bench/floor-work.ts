/** The floors that are work inside a process, each alone: the store's transaction, the kernel's, the store's ceiling. */
import { join } from 'node:path'
import { openFloorKernel, type FloorKernel } from './floor-kernel.ts'
import { openFloorRate } from './floor-rate.ts'
import { openFloorStore, type FloorStore } from './floor-store.ts'
import { placeIn } from './site.ts'
import { sourceAt } from './sources.ts'
import { serveCalls } from './worker.ts'

const PLACE = placeIn('11111111-2222-3333-4444-555555555555')

/** Each turn on a store of its own: an empty one, as the floor of the turn before was. */
let turns = 0
let parts:
  | { readonly store: FloorStore; readonly kernel: FloorKernel; readonly folder: string; readonly port: number }
  | undefined

export const api = {
  open: async ({ folder, port }: { folder: string; port: number }): Promise<void> => {
    parts = {
      store: await openFloorStore(join(folder, 'raw'), PLACE, port),
      kernel: await openFloorKernel(port),
      folder,
      port,
    }
  },
  /** Milliseconds of one transaction in the store and one in the kernel. */
  once: async ({ source }: { source: string }): Promise<{ store: number; kernel: number }> => {
    const { store, kernel } = opened()
    return { store: store.once(source), kernel: await kernel.once(source) }
  },
  load: ({ count, chunk }: { count: number; chunk: number }): Promise<{ took: number; slabMb: number }> =>
    opened().kernel.load(
      Array.from({ length: count }, (_, n) => sourceAt(n)),
      chunk,
    ),
  rate: async ({ callers, seconds }: { callers: number; seconds: number }): Promise<number> => {
    const { folder, port } = opened()
    const floor = await openFloorRate(join(folder, `rate-${++turns}`), PLACE, port)
    try {
      return await floor.run({ callers, seconds })
    } finally {
      await floor.close()
    }
  },
}

export type FloorWorkApi = typeof api

function opened(): NonNullable<typeof parts> {
  if (parts === undefined) throw new Error('open the floor first')
  return parts
}

serveCalls(import.meta.filename, api)
