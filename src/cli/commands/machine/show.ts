/** `machine show`: one machine, what may be asked for on it and what is open now. */
import type { Command } from 'commander'
import { guardText } from '../../../contract/guard-text.ts'
import type { WireMachine } from '../../../contract/machine.ts'
import { findMachine, shortName } from '../../names/directory.ts'
import { withExamples } from '../../help/examples.ts'
import { showBelow, showFacts } from '../../show/facts.ts'
import { showFlowsBelow } from '../../show/flow-view.ts'
import { withGlobalOptions } from '../../options/global-options.ts'
import { grantColumns, portText, reachColumns, sourcesText } from '../../show/grant-columns.ts'
import type { Io } from '../../io.ts'
import type { Column } from '../../show/output.ts'
import { openSession } from '../../session.ts'
import { protectedText } from './list.ts'

type Port = WireMachine['ports'][number]

export function addMachineShow(group: Command, io: Io): void {
  const command = withGlobalOptions(
    group
      .command('show')
      .description('show one machine: what may be asked for, and what is open now')
      .argument('<machine>', 'its name, its id, or the beginning of one'),
  )
  withExamples(command, [{ does: 'what may I ask for on web1?', line: 'sallyport machine show web1' }])
  command.action(async (typed: string) => {
    const session = openSession(command, io)
    const machine = await findMachine(session.client, typed)
    showFacts(session, [
      ['Name', machine.name],
      ['Id', machine.id],
      ['OS', machine.os],
      ['Location', machine.location],
      ['Addresses', [...machine.publicAddresses, ...machine.privateAddresses].join(', ')],
      ['Behind', guardText(machine)],
      ['Protected', protectedText(machine)],
      ['Policies', machine.policies.map(shortName).join(', ')],
    ])
    await showBelow(session, { data: machine, rows: machine.ports, columns: PORT_COLUMNS })
    if (session.format !== 'table') return
    await showBelow(session, {
      data: machine.grants,
      rows: machine.grants,
      columns: [...grantColumns(io.now(), () => machine.name), ...reachColumns(machine.grants)],
    })
    if (machine.ports.length > 0) await showFlowsBelow(session, { machine: machine.id })
    else {
      const again = `sallyport policy set default --machine ${typedAgain(typed, machine)} --defaults`
      session.say(`Nothing is protected. To protect it: ${again}`)
    }
  })
}

/** In one word: several may have this name. */
function typedAgain(typed: string, { id, name }: WireMachine): string {
  if (typed.includes(' ')) return id
  return typed.includes('/') ? typed : name
}

const PORT_COLUMNS: readonly Column<Port>[] = [
  { title: 'PORT', text: ({ number, protocol }) => portText(number, protocol) },
  {
    title: 'MAY BE OPENED TO',
    text: ({ allowedSources }) => sourcesText(allowedSources),
    raw: (port) => port.allowedSources.join(','),
  },
  { title: 'FOR AT MOST', text: ({ maxRequestAccessDuration }) => maxRequestAccessDuration },
  { title: 'AT THE END', text: ({ onExpiry = 'keep' }) => onExpiry },
]
