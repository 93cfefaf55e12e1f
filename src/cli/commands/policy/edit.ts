/** `policy edit`: one policy in your editor, as the file that `apply` reads. Nothing is changed until it is right. */
import type { Command } from 'commander'
import { confirm } from '../../confirm.ts'
import { editText } from '../../edit-text.ts'
import { whoAmI } from '../../names/directory.ts'
import { withExamples } from '../../help/examples.ts'
import { usageFailure } from '../../failure.ts'
import { withGlobalOptions } from '../../options/global-options.ts'
import type { Io } from '../../io.ts'
import { ownPolicies, warnIfManaged } from '../../policy/managed-policies.ts'
import { machinesUnder } from '../../policy-files/known.ts'
import type { PlannedChange } from '../../policy-files/plan-changes.ts'
import { showChanges } from '../../policy-files/show-changes.ts'
import { failIfAny, waitUntilCarried, writeChanges } from '../../policy-files/write-changes.ts'
import { policyFileOf } from '../../policy-files/written-form.ts'
import { resolveName } from '../../names/resolve-name.ts'
import { openSession, type Session } from '../../session.ts'

interface Options {
  readonly yes?: boolean
  readonly force?: boolean
}

const PATIENCE = 60_000

export function addPolicyEdit(group: Command, io: Io): void {
  const command = withGlobalOptions(
    group
      .command('edit')
      .description('change a policy in your editor (VISUAL or EDITOR)')
      .argument('<policy>', 'its name, its id, or the beginning of one')
      .option('-y, --yes', 'do not ask')
      .option('--force', 'even when it cuts the connection you are using'),
  )
  withExamples(command, [
    { does: 'in your usual editor', line: 'sallyport policy edit default' },
    { does: 'in another one', line: 'EDITOR="code --wait" sallyport policy edit default' },
  ])
  command.action(async (typed: string, options: Options) => {
    const session = openSession(command, io)
    const planned = await edited(typed, options, session)
    if (planned === undefined) return session.say('Nothing was changed.')
    await showChanges(planned, session)
    const due = planned.filter(({ change }) => change.action !== 'none')
    if (due.length === 0) return
    for (const { change } of due) await warnIfManaged(change.id, session)
    if (options.yes !== true) await confirm(session.io, 'Make this change?')
    const written = await writeChanges(due, session)
    failIfAny(written)
    await waitUntilCarried(written.ids, PATIENCE, session)
  })
}

async function edited(typed: string, { force }: Options, session: Session): Promise<PlannedChange[] | undefined> {
  const { client } = session
  const [policies, own] = await Promise.all([ownPolicies(client), whoAmI(client)])
  const policy = resolveName({ what: 'policy', typed, among: policies, list: 'sallyport policy list' })
  const [{ yamlText }, { planChanges }] = await Promise.all([
    import('../../policy-files/file-text.ts'),
    import('../../policy-files/plan-changes.ts'),
  ])
  const judge = async (text: string, file: string): Promise<PlannedChange[]> => {
    const options = { byHand: true, force: force === true, steps: session.format !== 'table', parameters: new Map() }
    const planned = await planChanges([{ file, text }], options, session)
    const other = planned.find(({ change }) => change.id.toLowerCase() !== policy.id.toLowerCase())
    if (other === undefined && planned.length === 1) return planned
    throw usageFailure(`this is about ${policy.name} alone; its name and its place stay as they are`)
  }
  const naming = { machines: await machinesUnder([policy], client), subscriptionId: own.subscriptionId }
  return editText({
    io: session.io,
    name: `${policy.name}.yaml`,
    text: yamlText(policyFileOf([policy], naming)),
    judge,
  })
}
