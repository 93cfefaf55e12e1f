import type { Opening } from './open-world.ts'
import type { World } from './world.ts'

export function openFleetWorld(_opening: Opening, file: string): Promise<World> {
  throw new Error(`not yet: ${file}`)
}
