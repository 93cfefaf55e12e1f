import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { cp, mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const DEPLOY = join(import.meta.dirname, '../../deploy')
const UNITS = ['sallyport-agent-base.service', 'sallyport-agent.service']
const LINKS = [
  'multi-user.target.wants/sallyport-agent.service',
  'nftables.service.wants/sallyport-agent-base.service',
  'sysinit.target.wants/sallyport-agent-base.service',
]

describe('the package of the agent, where no systemd runs', () => {
  let root: string

  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'sallyport-package-'))
    await mkdir(join(root, 'lib/systemd/system'), { recursive: true })
    for (const unit of UNITS) await cp(join(DEPLOY, 'systemd', unit), join(root, 'lib/systemd/system', unit))
  })
  afterEach(() => {
    rmSync(root, { recursive: true })
  })

  /** As dpkg does for `--root` (dpkg(1), script-chrootless). */
  const script = (name: string, ...args: readonly string[]): string =>
    execFileSync('sh', [join(DEPLOY, 'debian', name), ...args], {
      encoding: 'utf8',
      env: { ...process.env, DPKG_ROOT: root, DPKG_MAINTSCRIPT_PACKAGE: 'sallyport-agent' },
    })

  const enabled = (): string[] => {
    const folder = join(root, 'etc/systemd/system')
    if (!existsSync(folder)) return []
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.includes('/'))
      .sort()
  }

  it('closes the ports at the first boot of a machine that is made of it', () => {
    expect(script('postinst', 'configure')).toContain('sallyport host enroll')
    expect(enabled()).toEqual(LINKS)
  })

  it('leaves disabled what somebody disabled, when it is upgraded', () => {
    script('postinst', 'configure')
    for (const link of LINKS) rmSync(join(root, 'etc/systemd/system', link))
    script('postinst', 'configure', '0.0.9')
    expect(enabled()).toEqual([])
  })

  it('is enabled again once it was purged and comes back', () => {
    script('postinst', 'configure')
    script('prerm', 'remove')
    script('postrm', 'remove')
    script('postrm', 'purge')
    expect(enabled()).toEqual([])
    script('postinst', 'configure')
    expect(enabled()).toEqual(LINKS)
  })
})
