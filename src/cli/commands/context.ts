/** `context list|show|use|rename|remove`: the servers that a person works with. */
import type { Command } from 'commander'
import { changeContexts, readContexts } from '../contexts/context-store.ts'
import { checkedContextName, refuseTwin, withoutContext, type Context, type Contexts } from '../contexts/context.ts'
import { pickContext } from '../contexts/pick-context.ts'
import { forgetTokens, keepTokens, readTokens } from '../contexts/token-store.ts'
import { withExamples, type Example } from '../help/examples.ts'
import { usageFailure } from '../failure.ts'
import { showFacts } from '../show/facts.ts'
import { withGlobalOptions } from '../options/global-options.ts'
import type { Io } from '../io.ts'
import type { Column } from '../show/output.ts'
import { openScreen } from '../session.ts'
import { endSignIn } from '../sign-in/end-sign-in.ts'
import { placeOf } from '../sign-in/token-place.ts'

const NAME = 'its name, or the beginning of it'

export function addContextCommands(group: Command, io: Io): void {
  addList(group, io)
  addShow(group, io)
  addUse(group, io)
  addRename(group, io)
  addRemove(group, io)
}

interface Row {
  readonly context: Context
  readonly isCurrent: boolean
}

function addList(group: Command, io: Io): void {
  const command = commandOf(
    group,
    ['list', 'show the servers that you signed in to'],
    [{ does: 'where can I work?', line: 'sallyport context list' }],
  ).alias('ls')
  command.action(async () => {
    const screen = openScreen(command, io)
    const rows = rowsOf(readContexts(placeOf(io)))
    await screen.show({ data: rows.map(dataOf), rows, columns: COLUMNS })
    if (rows.length === 0) screen.say('You are signed in nowhere. To sign in: sallyport login --server URL')
  })
}

function addShow(group: Command, io: Io): void {
  const command = commandOf(
    group,
    ['show', 'show one context'],
    [{ does: 'the current one', line: 'sallyport context show' }],
  ).argument('[context]', NAME)
  command.action(async (typed: string | undefined) => {
    const screen = openScreen(command, io)
    const contexts = readContexts(placeOf(io))
    const context = pickContext(typed, contexts)
    const row = { context, isCurrent: contexts.current === context.name }
    const { signedIn } = context
    showFacts(screen, [
      ['Name', context.name],
      ['Server', context.server],
      ['Signed in as', context.account],
      ['By', wayOf(context)],
      ['Issuer', signedIn !== undefined && 'issuer' in signedIn ? signedIn.issuer : undefined],
      ['Tokens in', context.keep === 'file' ? 'a file of your own' : 'the keyring'],
      [
        'Authority',
        context.ca === undefined ? 'those that the machine knows' : 'its own, and those that the machine knows',
      ],
    ])
    if (screen.format !== 'table') await screen.show({ data: dataOf(row), rows: [row], columns: COLUMNS })
  })
}

function addUse(group: Command, io: Io): void {
  const command = commandOf(
    group,
    ['use', 'work with this server from now on'],
    [{ does: 'switch', line: 'sallyport context use test' }],
  ).argument('<context>', NAME)
  command.action(async (typed: string) => {
    const { name, server } = pickContext(typed, readContexts(placeOf(io)))
    await changeContexts(placeOf(io), (seen) => ({ ...seen, current: name }))
    openScreen(command, io).say(`Commands go to ${server} now.`)
  })
}

function addRename(group: Command, io: Io): void {
  const command = commandOf(
    group,
    ['rename', 'give a context another name'],
    [{ does: 'a shorter one', line: 'sallyport context rename jit.example.org-8443 test' }],
  )
    .argument('<context>', NAME)
    .argument('<name>', 'the new name')
  command.action(async (typed: string, to: string) => {
    const known = readContexts(placeOf(io))
    const before = pickContext(typed, known)
    const name = checkedContextName(to)
    if (known.contexts.some((context) => context.name === name))
      throw usageFailure(`there is a context '${name}' already`)
    refuseTwin(name, known)
    const tokens = await readTokens(placeOf(io), before)
    if (tokens !== undefined) await keepTokens(placeOf(io), { ...before, name }, tokens)
    await changeContexts(placeOf(io), ({ current, contexts }) => ({
      current: current === before.name ? name : current,
      contexts: contexts.map((context) => (context.name === before.name ? { ...context, name } : context)),
    }))
    await forgetTokens(placeOf(io), before)
    openScreen(command, io).say(`${before.name} is called ${name} now.`)
  })
}

function addRemove(group: Command, io: Io): void {
  const command = commandOf(
    group,
    ['remove', 'sign out of a server and forget it'],
    [{ does: 'a server that is gone', line: 'sallyport context remove test' }],
  )
    .alias('rm')
    .argument('<context>', NAME)
  command.action(async (typed: string) => {
    const context = pickContext(typed, readContexts(placeOf(io)))
    const wasEnded = await endSignIn(context, io)
    await changeContexts(placeOf(io), (seen) => withoutContext(seen, context.name))
    const rest = wasEnded ? '' : ' Its issuer did not answer: there your sign-in ends by itself.'
    openScreen(command, io).say(`${context.name} is forgotten.${rest}`)
  })
}

function commandOf(group: Command, [name, description]: [string, string], examples: readonly Example[]): Command {
  return withExamples(withGlobalOptions(group.command(name).description(description)), examples)
}

function rowsOf({ current, contexts }: Contexts): Row[] {
  return contexts.map((context) => ({ context, isCurrent: context.name === current }))
}

function dataOf({ context: { ca, ...context }, isCurrent }: Row): object {
  return { ...context, current: isCurrent, ownAuthority: ca !== undefined }
}

function wayOf({ signedIn }: Context): string {
  if (signedIn === undefined) return 'not signed in'
  return signedIn.by === 'program' || signedIn.by === 'foreign token'
    ? `${signedIn.by} (${signedIn.proof.kind})`
    : signedIn.by
}

const COLUMNS: readonly Column<Row>[] = [
  { title: 'NOW', text: ({ isCurrent }) => (isCurrent ? '*' : ''), colour: () => 'green' },
  { title: 'NAME', text: ({ context }) => context.name },
  { title: 'SERVER', text: ({ context }) => context.server },
  { title: 'AS', text: ({ context }) => context.account ?? '' },
  { title: 'BY', text: ({ context }) => wayOf(context) },
]
