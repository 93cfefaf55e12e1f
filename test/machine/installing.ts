/** From nothing to a protected host, as docs/operate/hosts.md tells it, and who gets in before and after. */
import { basename } from 'node:path'
import { endOf, nobodyElse, openFor, type Theatre } from './act.ts'
import { OPERATOR, STRANGER, until } from './stage.ts'

const ANYBODY = [OPERATOR, STRANGER].map((from) => ({ from, since: 0, until: Number.POSITIVE_INFINITY }))

export async function installing(theatre: Theatre): Promise<void> {
  const { stage, timeline } = theatre
  const { machine } = stage
  timeline.say('A Debian 12 boots, with OpenSSH on port 22. No protection yet.')
  stage.knock('gently')
  await machine.powerOn()
  await timeline.see('it boots', async () => {
    await machine.booted()
    return `Linux ${(await machine.run('uname -r')).trim()}, ${(await machine.run('nft --version')).trim()}`
  })
  await timeline.see('anybody gets in', async () => {
    const { granted, wrong } = await stage.knocks.judged(ANYBODY)
    return granted.length > 0 && wrong.length === 0 && `${granted.length} knocks`
  })

  timeline.say('The package is installed, the host enrolled and protected, as docs/operate/hosts.md tells it.')
  await stage.startServer()
  await timeline.see('the package is installed', async () => {
    await machine.bring(theatre.package, '/root/')
    return (await machine.run(`dpkg -i /root/${basename(theatre.package)}`)).includes('sallyport host enroll')
  })
  await timeline.see('the host enrols with the command that is printed', async () => {
    const printed = JSON.parse(await stage.sallyport('host', 'enroll', 'web1', '-o', 'json')) as { command: string }
    return (await machine.run(printed.command.replace(/^sudo /, ''))).includes('enrolled as')
  })
  await timeline.see('its agent runs by its unit, with everything that systemd shuts it in by', async () => {
    await machine.run('systemctl enable --now sallyport-agent')
    await stage.connected()
    const score = await machine.run('systemd-analyze security sallyport-agent --no-pager | tail -1')
    return `${(await machine.run('systemctl is-active sallyport-agent')).trim()}; ${score.replace(/^[^a-zA-Z]*/, '').trim()}`
  })
  await timeline.see('port 22 is protected', async () => {
    const set = ['policy', 'set', 'hosts', '--machine', 'web1', '--port', '22/tcp,max=PT3H', '--yes']
    await until(() => stage.sallyport(...set).then(() => true), 'the policy is carried out', 180_000)
    return !(await stage.operatorGetsIn())
  })
  stage.knock('hard')
  await stage.knocks.judged(ANYBODY) // who knocked before the policy stood
  await timeline.see('nobody gets in', async () => !(await stage.operatorGetsIn()))
  await nobodyElse(theatre, 'for a while')
  await openFor(theatre, 20)
  await endOf(theatre)
  await nobodyElse(theatre, 'around a hole')
}
