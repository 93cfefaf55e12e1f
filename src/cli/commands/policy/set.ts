/** `policy set`: makes or changes a policy. Shows what it will do first, and waits until the machines carry it. */
import type { Command } from 'commander'
import type { JitPolicy } from '../../../contract/jit-policy.ts'
import { SECOND } from '../../../domain/time.ts'
import { confirm } from '../../confirm.ts'
import { sayDropped } from '../../policy/dropped-ports.ts'
import { withExamples } from '../../help/examples.ts'
import { EXIT } from '../../exit-codes.ts'
import { Failure } from '../../failure.ts'
import { withGlobalOptions } from '../../options/global-options.ts'
import type { Io } from '../../io.ts'
import { warnIfManaged } from '../../policy/managed-policies.ts'
import { prepareChange, readPolicy, type PolicyChange } from '../../policy/policy-change.ts'
import { withPolicyOptions, type PolicyOptions } from '../../policy/policy-options.ts'
import { sayPlan, showPlan } from '../../policy/policy-plan-view.ts'
import { showPolicy } from '../../policy/policy-view.ts'
import { openSession, type Session } from '../../session.ts'
import { interruptible, waitFor } from '../../access/wait-for.ts'

const PATIENCE = 30 * SECOND

type SetOptions = PolicyOptions & { readonly yes?: boolean; readonly dryRun?: boolean }

export function addPolicySet(group: Command, io: Io): void {
  const command = withPolicyOptions(
    group
      .command('set')
      .description('make or change a policy: close these ports, and say who may have them opened and for how long')
      .argument('<policy>', 'its name (the whole of it)'),
  )
  command.option('-y, --yes', 'do not ask (without a terminal it never asks)')
  command.option('--dry-run', 'show what would change and change nothing')
  withExamples(withGlobalOptions(command), [
    {
      does: 'close SSH on web1; whoever may ask gets it for at most an hour',
      line: 'sallyport policy set default -m web1 -p 22/tcp,max=1h',
    },
    {
      does: 'end connections with the access that let them in',
      line: 'sallyport policy set default -m web1 -p 22/tcp,end=cut',
    },
    { does: 'only from one network', line: 'sallyport policy set default -m web1 -p 22/tcp,from=10.0.0.0/8' },
    {
      does: 'the usual management ports of two machines',
      line: 'sallyport policy set default -m web1 -m web2 --defaults',
    },
    {
      does: 'whatever has a label, also what comes later',
      line: 'sallyport policy set default --selector env=prod -p 22/tcp,max=1h',
    },
    { does: 'from a file', line: 'sallyport policy set default -f policy.yaml' },
  ])
  command.action(async (typed: string, options: SetOptions) => {
    const session = openSession(command, io)
    const change = await prepareChange(typed, options, session)
    await sayDropped(change, session)
    if (options.dryRun === true) return showPlan(session, change.plan)
    if (isUnchanged(change)) return showUnchanged(session, change)
    await sayPlan(session, change)
    if (change.existing !== undefined) await warnIfManaged(change.id, session)
    if (options.yes !== true)
      await confirm(session.io, `${change.existing === undefined ? 'Make' : 'Change'} policy ${change.name}?`)
    const written = await change.apply()
    await showPolicy(session, await waitUntilApplied(session, written))
  })
}

function isUnchanged({ existing, machines, selectors, plan }: PolicyChange): boolean {
  const steps = plan.points.flatMap((point) => point.steps)
  if (existing === undefined || steps.length > 0) return false
  const { virtualMachines, selectors: before = [] } = existing.properties
  return asText([virtualMachines, before]) === asText([machines, selectors])
}

/** Without regard to the order of members. */
function asText(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  )
}

async function showUnchanged(session: Session, change: PolicyChange): Promise<void> {
  session.say(`Policy ${change.name} is so already; nothing was changed.`)
  if (change.existing !== undefined) await showPolicy(session, change.existing)
}

async function waitUntilApplied(session: Session, first: JitPolicy): Promise<JitPolicy> {
  const { io, client } = session
  const { seen, ended } = await interruptible(io, (signal) =>
    waitFor({
      io,
      signal,
      first,
      deadline: io.now() + PATIENCE,
      again: async () => (await readPolicy(client, first.id)).policy,
      isDone: ({ properties }) => properties.provisioningState === 'Succeeded',
      describe: ({ name }) => `policy ${name} is kept; waiting until its machines carry it`,
    }),
  )
  if (ended === 'done') return seen
  const exit = ended === 'timed out' ? EXIT.timedOut : EXIT.interrupted
  throw new Failure(exit, `policy ${seen.name} is kept, but its machines do not all carry it yet`, {
    remedy: `sallyport policy show ${seen.name}; why it takes so long: sallyport doctor`,
  })
}
