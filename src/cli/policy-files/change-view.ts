/** Changes as a person reviews them: what is made, changed and removed, port by port, and the sum of it. Pure. */
import type { OnExpiry } from '../../domain/access/flow.ts'
import type { Colour } from '../show/colour.ts'
import { shortName } from '../names/directory.ts'
import { portText, sourcesText } from '../show/grant-columns.ts'
import type { NameOf } from '../show/machine-names.ts'
import type { Column } from '../show/output.ts'
import { resourceGroupOf } from '../../contract/policy-place.ts'
import type { Change } from './change.ts'
import type { MachineDiff, PortDiff, RuleView } from './policy-diff.ts'

const SIGNS: Readonly<Record<Change['action'], string>> = {
  create: '+',
  update: '~',
  adopt: '=',
  remove: '-',
  none: ' ',
}
const COLOURS: Readonly<Record<Change['action'], Colour | undefined>> = {
  create: 'green',
  update: 'yellow',
  remove: 'red',
  adopt: undefined,
  none: undefined,
}

export interface ChangeLine {
  readonly text: string
  readonly colour: Colour | undefined
}

/** Only what changes: a page of what stays hides it. */
export function changeLines(changes: readonly Change[], nameOf: NameOf): ChangeLine[] {
  return changes.filter(({ action }) => action !== 'none').flatMap((change) => linesOfChange(change, nameOf))
}

function linesOfChange({ action, id, name, machines }: Change, nameOf: NameOf): ChangeLine[] {
  const more = action === 'adopt' ? ': managed by these files from now on' : ''
  const head = line(action, 0, `policy ${name}  (${resourceGroupOf(id)}/${locationOf(id)})${more}`)
  return [head, ...machines.filter((one) => one.action !== 'none').flatMap((one) => linesOfMachine(one, nameOf))]
}

function locationOf(id: string): string {
  return /\/locations\/([^/]+)/i.exec(id)?.[1] ?? ''
}

function linesOfMachine({ action, id, ports, publicIpAddress: address }: MachineDiff, nameOf: NameOf): ChangeLine[] {
  const moved =
    address === undefined
      ? []
      : [line('update', 2, `public address ${address.before ?? 'its own'} → ${address.after ?? 'its own'}`)]
  const changed = ports.filter((port) => port.action !== 'none')
  return [
    line(action, 1, id.startsWith('/') ? `machine ${nameOf(id)}` : id),
    ...moved,
    ...changed.map((port) => line(port.action, 2, portLine(port))),
  ]
}

function line(action: Change['action'], depth: number, text: string): ChangeLine {
  return { text: `${'    '.repeat(depth)}${SIGNS[action]} ${text}`, colour: COLOURS[action] }
}

/** A changed rule shows both sides of what differs, and nothing of what does not. */
function portLine({ port, before, after }: PortDiff): string {
  const rule = after ?? before
  if (rule === undefined) return String(port)
  if (before === undefined || after === undefined) return ruleTexts(port, rule).join('  ').trimEnd()
  const old = ruleTexts(port, before)
  const [name = '', ...rest] = ruleTexts(port, after).map((text, index) =>
    old[index] === text ? text : `${old[index] || END_KEPT} → ${text || END_KEPT}`,
  )
  return [name, ...rest.filter((text) => text.includes(' → '))].join('  ')
}

function ruleTexts(port: number, { protocol, from, max, onExpiry }: RuleView): string[] {
  return [portText(port, protocol), `from ${sourcesText(from)}`, `for at most ${max}`, END_TEXTS[onExpiry ?? 'keep']]
}

const END_KEPT = 'keeps who is connected at the end'

const END_TEXTS: Readonly<Record<OnExpiry, string>> = {
  keep: '',
  warn: 'warns of who is connected at the end',
  cut: 'cuts who is connected at the end',
}

export interface Counts {
  readonly create: number
  readonly update: number
  readonly adopt: number
  readonly remove: number
  readonly none: number
}

export function countsOf(changes: readonly Change[]): Counts {
  const count = (wanted: Change['action']): number => changes.filter(({ action }) => action === wanted).length
  return {
    create: count('create'),
    update: count('update'),
    adopt: count('adopt'),
    remove: count('remove'),
    none: count('none'),
  }
}

export function countsText({ create, update, adopt, remove, none }: Counts): string {
  const taken = adopt === 0 ? '' : `${adopt} to take over, `
  return `${create} to make, ${update} to change, ${taken}${remove} to remove, ${none} as they should be`
}

export interface ChangeRow {
  readonly change: Change
  readonly machine: MachineDiff
  readonly port: PortDiff
}

/** For TSV and queries: a row for each port that changes. */
export function changeRows(changes: readonly Change[]): ChangeRow[] {
  return changes.flatMap((change) =>
    change.machines.flatMap((machine) =>
      machine.ports.filter(({ action }) => action !== 'none').map((port) => ({ change, machine, port })),
    ),
  )
}

export const CHANGE_COLUMNS: readonly Column<ChangeRow>[] = [
  { title: 'CHANGE', text: ({ port }) => port.action },
  { title: 'POLICY', text: ({ change }) => change.name, raw: ({ change }) => change.id },
  { title: 'MACHINE', text: ({ machine }) => shortName(machine.id), raw: ({ machine }) => machine.id },
  { title: 'PORT', text: ({ port }) => String(port.port) },
]
