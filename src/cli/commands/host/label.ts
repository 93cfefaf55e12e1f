/** `host label`: adds, changes and takes away labels of a host, by which policies choose machines. */
import type { Command } from 'commander'
import type { WireHost } from '../../../contract/host.ts'
import { withExamples } from '../../help/examples.ts'
import { withGlobalOptions } from '../../options/global-options.ts'
import { asHost, findHost, HOST_COLUMNS, hostPath, labelsText, parseLabel } from '../../names/hosts.ts'
import type { Io } from '../../io.ts'
import { openSession } from '../../session.ts'

export function addHostLabel(group: Command, io: Io): void {
  const command = withGlobalOptions(
    group
      .command('label')
      .description('add, change and take away labels of a host; policies that choose machines by label follow')
      .argument('<host>', 'its name, its id, or the beginning of one')
      .argument('<labels...>', 'env=prod sets a label, env- takes it away'),
  )
  withExamples(command, [
    { does: 'two labels more', line: 'sallyport host label web1 env=prod tier=web' },
    { does: 'one less', line: 'sallyport host label web1 tier-' },
  ])
  command.action(async (typed: string, changes: readonly string[]) => {
    const session = openSession(command, io)
    const parsed = changes.map(parseChange)
    const { host, etag } = await findHost(session.client, typed)
    const { body } = await session.client.call({
      method: 'PUT',
      path: `${hostPath(host.name)}/labels`,
      body: { labels: changed(host.labels, parsed) },
      // What somebody else has changed meanwhile is not written over.
      headers: etag === undefined ? {} : { 'if-match': etag },
    })
    const after = asHost(body)
    await session.show({ data: after, rows: [after], columns: HOST_COLUMNS })
    session.say(`${after.name} has ${labelsText(after.labels) || 'no labels'} now.`)
  })
}

type Change = readonly [name: string, value: string | undefined]

/** As kubectl label has it. */
function parseChange(text: string): Change {
  return text.endsWith('-') && !text.includes('=') ? [text.slice(0, -1), undefined] : parseLabel(text)
}

function changed(labels: WireHost['labels'], changes: readonly Change[]): Record<string, string> {
  const after = new Map(Object.entries(labels))
  for (const [name, value] of changes) {
    if (value === undefined) after.delete(name)
    else after.set(name, value)
  }
  return Object.fromEntries(after)
}
