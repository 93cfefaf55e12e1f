/** `host revoke` and `host remove`: cut a host's agent off, and forget the host. Both ask first. */
import type { Command } from 'commander'
import { confirm } from '../../confirm.ts'
import { withExamples } from '../../help/examples.ts'
import { withGlobalOptions } from '../../options/global-options.ts'
import { asHost, findHost, HOST_COLUMNS, hostPath } from '../../names/hosts.ts'
import type { Io } from '../../io.ts'
import { openSession } from '../../session.ts'

interface Options {
  readonly yes?: boolean
  readonly force?: boolean
}

const HOST = 'its name, its id, or the beginning of one'

export function addHostRevoke(group: Command, io: Io): void {
  const command = withGlobalOptions(
    group
      .command('revoke')
      .description('cut an agent off: none of its certificates is taken any more, until it is enrolled anew')
      .argument('<host>', HOST)
      .option('-y, --yes', 'do not ask'),
  )
  withExamples(command, [{ does: 'a host that was broken into', line: 'sallyport host revoke web1' }])
  command.action(async (typed: string, { yes }: Options) => {
    const session = openSession(command, io)
    const { host } = await findHost(session.client, typed)
    if (yes !== true) await confirm(session.io, `Cut off the agent of ${host.name}?`)
    const { body } = await session.client.call({ method: 'POST', path: `${hostPath(host.name)}/revoke` })
    const after = asHost(body)
    await session.show({ data: after, rows: [after], columns: HOST_COLUMNS })
    session.say(`Nothing of ${host.name} is taken any more. To let it in again: sallyport host enroll ${host.name}`)
  })
}

export function addHostRemove(group: Command, io: Io): void {
  const command = withGlobalOptions(
    group
      .command('remove')
      .alias('rm')
      .description('forget a host and cut its agent off; refused while a policy names it')
      .argument('<host>', HOST)
      .option('--force', 'even while a policy names it')
      .option('-y, --yes', 'do not ask'),
  )
  withExamples(command, [{ does: 'without a question', line: 'sallyport host remove web1 --yes' }])
  command.action(async (typed: string, { yes, force }: Options) => {
    const session = openSession(command, io)
    const { host } = await findHost(session.client, typed)
    if (yes !== true) await confirm(session.io, `Forget ${host.name} and cut its agent off?`)
    const query = { force: force === true ? 'true' : undefined }
    await session.client.call({ method: 'DELETE', path: hostPath(host.name), query })
    session.say(`Removed host ${host.name}.`)
  })
}
