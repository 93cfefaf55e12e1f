/** Clouds for tests: real ones in all but what they reach. */
import { Clouds, type CloudsDeps } from '../../src/app/clouds/clouds.ts'
import { sealerOf } from '../../src/issuer/seal.ts'

/** Where nothing else is said, no cloud can be reached. */
export function testClouds(deps: Pick<CloudsDeps, 'store' | 'clock' | 'log'> & Partial<CloudsDeps>): Clouds {
  return new Clouds({
    secrets: sealerOf(Buffer.alloc(32, 7)),
    loadSide: (kind) => Promise.reject(new Error(`no ${kind} here`)),
    timer: { sleep: () => Promise.resolve() },
    chance: () => 0,
    ...deps,
  })
}
