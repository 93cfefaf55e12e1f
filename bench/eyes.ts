/** The prober and the listener together: what the network itself says about a hole. */
import { join } from 'node:path'
import { HOST_SEEN_BY, type Stage } from '../test/demo/stage.ts'
import type { ListenerApi } from './listener.ts'
import type { Flow, ProberApi } from './prober.ts'
import { startWorker, type Worker } from './worker.ts'

/** Between two packets of one flow, in milliseconds. */
const DENSE = 0.25

export interface Eyes {
  readonly prober: Worker<ProberApi>
  readonly listener: Worker<ListenerApi>
  end(): void
}

/**
 * Both run before everything else on their core (`chrt`), so that the pace holds while the server works; what that
 * costs is taken from the server.
 */
export async function openEyes(stage: Stage, ports: readonly number[]): Promise<Eyes> {
  const first = ['chrt', '--rr', '10']
  const prober = startWorker<ProberApi>(stage, 'operator', join(import.meta.dirname, 'prober.ts'), first)
  const listener = startWorker<ListenerApi>(stage, 'host', join(import.meta.dirname, 'listener.ts'), first)
  await listener.call('listen', { ports })
  return {
    prober,
    listener,
    end: () => {
      prober.end()
      listener.end()
    },
  }
}

export interface Probe {
  readonly id: number
  readonly source: string
  readonly port: number
  readonly from: number
  readonly until: number
  readonly every?: number
}

export function flowOf({ every = DENSE, ...probe }: Probe): Flow {
  return { ...probe, every, host: HOST_SEEN_BY.operator }
}
