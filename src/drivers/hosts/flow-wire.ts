/** Who is connected, as an agent tells of it. */
import type { HostReport } from '../../contract/agent.ts'
import type { Flow } from '../../domain/access/flow.ts'
import type { ResourceKey } from '../../domain/resource-id.ts'

export function flowFromWire({ machine, since, ...flow }: NonNullable<HostReport['flows']>[number]): Flow {
  // A key is an id in lower case; one that no machine has is shown to nobody.
  return { ...flow, machine: machine.toLowerCase() as ResourceKey, ...(since !== undefined && { since }) }
}
