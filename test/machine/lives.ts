/** The agent is started again, killed, upgraded and stopped while somebody is in and somebody else knocks. */
import { basename } from 'node:path'
import { endOf, nobodyElse, openFor, settled, type Theatre } from './act.ts'

export async function lives(theatre: Theatre): Promise<void> {
  const { stage, timeline } = theatre
  const { machine } = stage
  timeline.say('The agent is started again, killed with kill -9, and upgraded.')
  const again: readonly (readonly [string, string])[] = [
    ['it is started again', 'systemctl restart sallyport-agent'],
    ['it is killed with kill -9', 'systemctl kill --signal=KILL sallyport-agent'],
    ['the package is installed again', `dpkg -i /root/${basename(theatre.package)}`],
  ]
  for (const [what, command] of again) {
    await openFor(theatre, 60)
    await timeline.see(what, async () => {
      const before = await pidOf(theatre)
      await machine.run(command)
      await stage.connectedAgain(before)
      return (await stage.operatorGetsIn()) && 'who has access gets in afterwards'
    })
    await stage.closeAll()
    await nobodyElse(theatre, `when ${what}`)
  }

  timeline.say('The agent is stopped: what is open closes at its end all the same, and nothing else opens.')
  await openFor(theatre, 30)
  await timeline.see('it is stopped', async () => {
    await machine.run('systemctl stop sallyport-agent')
    return (await stage.operatorGetsIn()) && 'who has access gets in'
  })
  await endOf(theatre)
  await nobodyElse(theatre, 'while no agent ran')
  await machine.run('systemctl start sallyport-agent')
  await settled(theatre)
  await nobodyElse(theatre, 'when it started')
}

async function pidOf({ stage }: Theatre): Promise<string> {
  return (await stage.machine.run('systemctl show -p MainPID --value sallyport-agent')).trim()
}
