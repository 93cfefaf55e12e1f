/** `policy list`: which policies there are. */
import type { Command } from 'commander'
import type { JitPolicy } from '../../../contract/jit-policy.ts'
import { parseResourceId, partsOf } from '../../../domain/resource-id.ts'
import type { Client } from '../../calls/client.ts'
import { allPolicies } from '../../names/directory.ts'
import { withExamples } from '../../help/examples.ts'
import { withGlobalOptions } from '../../options/global-options.ts'
import type { Io } from '../../io.ts'
import { ownerText, ownPolicies } from '../../policy/managed-policies.ts'
import { machineNames, type NameOf } from '../../show/machine-names.ts'
import type { Column } from '../../show/output.ts'
import { openSession } from '../../session.ts'

export function addPolicyList(group: Command, io: Io): void {
  const command = withGlobalOptions(group.command('list').alias('ls').description('show the policies'))
  withExamples(command, [
    { does: 'every policy', line: 'sallyport policy list' },
    { does: 'as the API has them', line: 'sallyport policy list -o json' },
  ])
  command.action(async () => {
    const session = openSession(command, io)
    const policies = await allPolicies(session.client)
    const owners = session.format === 'table' ? await ownersOf(session.client) : new Map<string, string>()
    const managed = { title: 'MANAGED BY', text: ({ id }: JitPolicy) => owners.get(id.toLowerCase()) ?? '' }
    const ids = policies.flatMap(({ properties }) => properties.virtualMachines.map(({ id }) => id))
    const shown = columnsWith(await machineNames(session, ids))
    const columns = owners.size > 0 ? [...shown, managed] : shown
    await session.show({ data: policies, rows: policies, columns })
    if (policies.length === 0) {
      session.say(
        'No policies that you may see. To make one: sallyport policy set default --machine MACHINE --port 22/tcp',
      )
    }
  })
}

/** By id; nothing of policies that nobody manages. */
async function ownersOf(client: Client): Promise<ReadonlyMap<string, string>> {
  const managed = (await ownPolicies(client)).filter(({ managedBy }) => managedBy !== undefined)
  return new Map(managed.map((policy) => [policy.id.toLowerCase(), ownerText(policy)]))
}

function columnsWith(nameOf: NameOf): readonly Column<JitPolicy>[] {
  return [
    { title: 'NAME', text: ({ name }) => name },
    { title: 'RESOURCE GROUP', text: ({ id }) => groupOf(id) },
    { title: 'LOCATION', text: ({ location }) => location },
    { title: 'MACHINES', text: ({ properties }) => properties.virtualMachines.map(({ id }) => nameOf(id)).join(', ') },
    { title: 'STATE', text: ({ properties }) => properties.provisioningState },
  ]
}

function groupOf(id: string): string {
  const parsed = parseResourceId(id)
  return parsed.ok ? partsOf(parsed.value).resourceGroup : ''
}
