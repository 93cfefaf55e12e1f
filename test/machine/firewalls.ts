/** Linux 6.1 cannot hold a table against others: whoever flushes it is found out and undone, and what came in is cut off. */
import { setTimeout as pause } from 'node:timers/promises'
import { nobodyElse, openFor, settled, type Theatre } from './act.ts'
import { hasKvm } from './ground.ts'
import type { Act } from './knocks.ts'
import { SIDE_DOOR } from './image.ts'

/** An emulated machine needs seconds for what takes a tenth of one. */
const SOON = hasKvm() ? 1_000 : 10_000

export async function firewalls(theatre: Theatre): Promise<void> {
  const { stage, timeline } = theatre
  const { machine } = stage
  timeline.say('What the agent says of this kernel.')
  await timeline.see('doctor finds nothing wrong', async () => {
    const text = await machine.run('sallyport-agent doctor')
    return !/^(failed|warning)/m.test(text) && text.trim().replaceAll(/ +/g, ' ').replaceAll('\n', '; ')
  })
  timeline.say('Others load their rules anew, and flush ours.')
  await openFor(theatre, 400)
  await nobodyElse(theatre, 'before')
  await flushed(theatre, 'nft flush ruleset', 'nft flush ruleset')
  await flushed(theatre, 'nft delete table inet sallyport', 'nft delete table')
  await flushed(theatre, 'systemctl restart nftables', 'systemctl restart nftables')
  await machine.run(
    `sed -i "s|^# End required lines|&\\n-A ufw-before-input -m mark --mark 0x10000000/0x10000000 -j ACCEPT|" /etc/ufw/before.rules; ufw allow ${SIDE_DOOR.port}/tcp; ufw allow 2299/tcp; ufw --force enable`,
  )
  await stage.operatorGetsInSoon()
  await nobodyElse(theatre, 'when ufw was enabled')
  await machine.run('ufw reload')
  await timeline.see('the operator gets in beside ufw', () => stage.operatorGetsInSoon())
  await nobodyElse(theatre, 'when ufw was reloaded')
  await machine.run('ufw --force disable')
  await settled(theatre)
  await nobodyElse(theatre, 'when ufw was disabled')
  await timeline.see('the audit trail tells who it was', async () => {
    const events = JSON.parse(await stage.sallyport('audit', 'list', '-o', 'json')) as { action: string }[] // its documented output
    const repaired = events.filter(({ action }) => action.startsWith('drift')).length
    return repaired > 0 && `${repaired} events`
  })
  await stage.closeAll()
}

async function flushed(theatre: Theatre, command: string, what: string): Promise<void> {
  const { stage, timeline } = theatre
  await stage.machine.run(command)
  await pause(SOON + 2_000)
  const act = await stage.knocks.judged(stage.holes)
  await timeline.see(`${what} is undone within ${SOON / 1_000} s`, async () => undoneWithin(act))
  await timeline.see('the operator gets in again', () => stage.operatorGetsInSoon())
}

function undoneWithin({ wrong, knocks }: Act): string {
  const [first, last] = [wrong.at(0), wrong.at(-1)]
  if (first === undefined || last === undefined) return `${knocks} knocks, none got in`
  const took = Math.round(last.at - first.at)
  const text = `${wrong.length} of ${knocks} knocks got in, for ${took} ms`
  if (took > SOON) throw new Error(text)
  return text
}
