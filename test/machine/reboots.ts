/** The machine boots again, by itself and by force, and nobody gets in between the network and the agent. */
import { setTimeout as pause } from 'node:timers/promises'
import { nobodyElse, openFor, settled, type Theatre } from './act.ts'

export async function reboots(theatre: Theatre): Promise<void> {
  const { stage, timeline } = theatre
  const { machine } = stage
  timeline.say(
    'The machine is rebooted, with a hole that outlives it; its own firewall is enabled, and flushes everything.',
  )
  await machine.run('systemctl enable nftables')
  await again(theatre, 'after reboot', () => Promise.resolve(machine.send('systemctl reboot')))

  timeline.say('Its reset button is pressed.')
  await again(theatre, 'after a reset', () => machine.press('system_reset'))

  timeline.say('Its plug is pulled, and put back after the hole has ended.')
  const before = await machine.booted()
  await openFor(theatre, 20)
  await machine.cutPower()
  await pause(Math.max(0, (stage.holes.at(-1)?.until ?? 0) - Date.now()))
  await machine.powerOn()
  await timeline.see('it boots', async () => (await machine.booted(before)) !== before)
  await settled(theatre)
  await timeline.see('what ended meanwhile is shut', async () => !(await stage.operatorGetsIn()))
  await nobodyElse(theatre, 'after a power cut')

  timeline.say('It boots with no server to ask.')
  await openFor(theatre, 300)
  await stage.stopServer()
  const last = await machine.booted()
  machine.send('systemctl reboot')
  await timeline.see('it boots, and its agent runs', async () => {
    await machine.booted(last)
    await machine.run('for i in $(seq 60); do systemctl -q is-active sallyport-agent && exit 0; sleep 1; done; exit 1')
    return true
  })
  await timeline.see('nothing opens while nobody can tell the time', async () => {
    await pause(5_000)
    return !(await stage.operatorGetsIn())
  })
  await nobodyElse(theatre, 'without a server')
  await stage.startServer()
  await settled(theatre)
  await timeline.see('what is left of the hole opens once the server is back', () => stage.operatorGetsInSoon())
  await stage.closeAll()
  await nobodyElse(theatre, 'when the server came back')
}

async function again(theatre: Theatre, when: string, reboot: () => Promise<void>): Promise<void> {
  const { stage, timeline } = theatre
  const { machine } = stage
  const before = await machine.booted()
  await openFor(theatre, 150)
  await reboot()
  await timeline.see('it boots', async () => {
    await machine.booted(before)
    const [base = 0, network = 0] = await Promise.all(
      ['sallyport-agent-base', 'systemd-networkd'].map(async (unit) =>
        Number(await machine.run(`systemctl show -p ActiveEnterTimestampMonotonic --value ${unit}`)),
      ),
    )
    return base > 0 && base < network && `closed ${Math.round((network - base) / 1_000)} ms before the network`
  })
  await timeline.see('the hole that outlives it opens again', async () => {
    await settled(theatre)
    return stage.operatorGetsInSoon()
  })
  await stage.closeAll()
  await nobodyElse(theatre, when)
}
