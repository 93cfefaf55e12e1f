/** The machine's clock is set and slewed while a hole is open: it may close early, and never late. */
import { setTimeout as pause } from 'node:timers/promises'
import { endOf, nobodyElse, openFor, settled, type Theatre } from './act.ts'

export async function clocks(theatre: Theatre): Promise<void> {
  const { stage, timeline } = theatre
  const { machine } = stage
  for (const moved of ['+3 hours', '-3 hours', '+5 weeks', '-5 weeks']) {
    timeline.say(`The machine's clock is set: ${moved}.`)
    await openFor(theatre, 20)
    await machine.run(`date -s '${moved}'`)
    await pause(3_000)
    await timeline.see('what is open stays so, or closes early', async () =>
      (await stage.operatorGetsIn()) ? 'it stays' : 'it closed early',
    )
    await endOf(theatre)
    await nobodyElse(theatre, `with the clock set ${moved}`)
    await setRight(theatre)
  }

  timeline.say('The clock is set back, the server goes away and the agent is started again while a hole is open.')
  await openFor(theatre, 40)
  await machine.run("date -s '-2 hours'")
  await stage.stopServer()
  await machine.run('systemctl restart sallyport-agent')
  await endOf(theatre)
  await nobodyElse(theatre, 'with the clock set back and nobody to ask')
  await stage.startServer()
  await setRight(theatre)

  timeline.say('chrony makes the clock go slowly, by a twelfth, and there is no server to ask.')
  await openFor(theatre, 40)
  await stage.stopServer()
  await timeline.see('chrony slows it down', async () => {
    await machine.run(
      `printf 'manual\nlocal stratum 8\nmaxslewrate 100000\n' >/run/slow.conf; chronyd -f /run/slow.conf`,
    )
    await machine.run('sleep 1; chronyc manual on; chronyc settime "$(date -d "20 seconds ago" +"%b %d, %Y %H:%M:%S")"')
    const before = { here: Date.now(), there: await uptimeOf(theatre) }
    await pause(5_000)
    const [here, there] = [Date.now() - before.here, (await uptimeOf(theatre)) - before.there]
    return there < here && `in ${here} ms it counts ${there}`
  })
  await endOf(theatre)
  await nobodyElse(theatre, 'with the clock going slowly')
  await machine.run('pkill chronyd; sleep 1; adjtimex --tick 10000 --frequency 0 2>/dev/null || true')
  await stage.startServer()
  await setRight(theatre)
}

async function uptimeOf({ stage }: Theatre): Promise<number> {
  return Number((await stage.machine.run('cat /proc/uptime')).split(' ')[0]) * 1_000
}

async function setRight(theatre: Theatre): Promise<void> {
  await theatre.stage.machine.run(`date -s @${(Date.now() / 1_000).toFixed(3)}`)
  await settled(theatre)
}
