/** How one policy is shown: its facts, and a line for each machine and port. */
import type { JitPolicy, JitPolicyMachine } from '../../contract/jit-policy.ts'
import { formatSelector } from '../../domain/policy/label-selector.ts'
import { sourceTexts } from '../../domain/policy/written-sources.ts'
import { showBelow, showFacts } from '../show/facts.ts'
import { portText, sourcesText } from '../show/grant-columns.ts'
import type { Column } from '../show/output.ts'
import { machineNames, type NameOf } from '../show/machine-names.ts'
import type { Session } from '../session.ts'

interface Row {
  readonly machine: string
  readonly rule: JitPolicyMachine['ports'][number]
}

export async function showPolicy(session: Session, policy: JitPolicy): Promise<void> {
  showFacts(session, [
    ['Name', policy.name],
    ['Id', policy.id],
    ['Location', policy.location],
    ['State', policy.properties.provisioningState],
    ['Chooses', policy.properties.selectors?.map(({ labels }) => formatSelector(labels)).join(' or ')],
  ])
  const rows = policy.properties.virtualMachines.flatMap(({ id, ports }) =>
    ports.map((rule) => ({ machine: id, rule })),
  )
  const nameOf = await machineNames(
    session,
    rows.map(({ machine }) => machine),
  )
  await showBelow(session, { data: policy, rows, columns: columnsWith(nameOf) })
}

function columnsWith(nameOf: NameOf): readonly Column<Row>[] {
  return [
    { title: 'MACHINE', text: ({ machine }) => nameOf(machine), raw: ({ machine }) => machine },
    { title: 'PORT', text: ({ rule }) => portText(rule.number, rule.protocol.toUpperCase()) },
    {
      title: 'MAY BE OPENED TO',
      text: ({ rule }) => sourcesText(sourcesOf(rule)),
      raw: ({ rule }) => sourcesOf(rule).join(','),
    },
    { title: 'FOR AT MOST', text: ({ rule }) => rule.maxRequestAccessDuration },
    { title: 'AT THE END', text: ({ rule }) => rule.onExpiry?.toLowerCase() ?? 'keep' },
  ]
}

function sourcesOf(rule: Row['rule']): readonly string[] {
  const texts = sourceTexts(rule)
  return texts === undefined || texts === 'both' ? [] : texts
}
