/** The package where no systemd runs, as when an image is built, and what it leaves behind when it is taken away. */
import { execFileSync } from 'node:child_process'
import { basename } from 'node:path'
import { nobodyElse, settled, type Theatre } from './act.ts'
import { theImage } from './image.ts'

const UNITS = ['sallyport-agent.service', 'sallyport-agent-base.service']

export async function packaging(theatre: Theatre): Promise<void> {
  const { stage, timeline } = theatre
  const { machine } = stage
  timeline.say('The package is installed in a folder, as when an image is built: no systemd runs there.')
  await timeline.see('both units are enabled there, and nothing is left of them after purge', async () =>
    inChroot(theatre.package),
  )

  timeline.say('The package is removed, installed again, and purged.')
  await settled(theatre)
  await timeline.see('removed: the ports stay closed', async () => {
    await machine.run('dpkg --remove sallyport-agent')
    return !(await stage.operatorGetsIn())
  })
  await nobodyElse(theatre, 'when the package was removed')
  await timeline.see('installed again: the host is who it was', async () => {
    await machine.run(`dpkg -i /root/${basename(theatre.package)}`)
    await settled(theatre)
    return true
  })
  await nobodyElse(theatre, 'when it was installed again')
  await timeline.see('purged: nothing is left, and everybody gets in as before', async () => {
    await machine.run('dpkg --purge sallyport-agent')
    const rest = await machine.run(
      'nft list tables | grep sallyport; find / -xdev -name "*sallyport*" ! -path "/root/*" ! -path "/proc/*"; systemctl list-units --all --plain --no-legend "sallyport*"; true',
    )
    if (rest.trim() !== '') throw new Error(`left behind: ${rest.trim()}`)
    return stage.operatorGetsIn()
  })
}

/** Over the disk of the machine as it was made, so that nothing of it is changed. */
function inChroot(file: string): string {
  const script = `
set -e
top=$(mktemp -d)
mount -t tmpfs none "$top"
mkdir "$top/lower" "$top/upper" "$top/work" "$top/root"
mount -o loop,ro "${theImage(() => undefined).disk}" "$top/lower"
mount -t overlay none -o "lowerdir=$top/lower,upperdir=$top/upper,workdir=$top/work" "$top/root"
cp "${file}" "$top/root/agent.deb"
chroot "$top/root" dpkg -i /agent.deb >"$top/said" 2>&1 || { cat "$top/said"; exit 1; }
for unit in ${UNITS.join(' ')}; do printf '%s ' "$(systemctl --root="$top/root" is-enabled "$unit" || true)"; done
chroot "$top/root" dpkg --purge sallyport-agent >"$top/said" 2>&1 || { cat "$top/said"; exit 1; }
rm "$top/root/agent.deb"
find "$top/root" -xdev -name '*sallyport*' | sed "s|$top/root||"
umount "$top/root" "$top/lower" "$top"; rmdir "$top"`
  const said = execFileSync('unshare', ['--mount', 'bash', '-c', script], { encoding: 'utf8' }).trim()
  if (said !== 'enabled enabled')
    throw new Error(`expected both to be enabled, and nothing left behind; found: ${said}`)
  return said
}
