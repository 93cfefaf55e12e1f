/** What stops nftables.service on a protected host, in a kernel and a `/var/lib` of its own. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { baseTableText } from '../../src/drivers/nftables/base-table.ts'
import { BASE_TABLE } from '../../src/drivers/nftables/nft-text.ts'
import { aShield } from '../nftables/stage.ts'

const DROP_IN = join(import.meta.dirname, '../../deploy/systemd/nftables.service.d/sallyport.conf')
const BASE = baseTableText([aShield(22)])

/** The command as systemd would run it: the last ExecStop counts, `sh -c` and one quoted word. */
function stopCommand(): string {
  const quoted = /^ExecStop=\/bin\/sh -c '(.+)'$/m.exec(readFileSync(DROP_IN, 'utf8'))?.[1]
  if (quoted === undefined) throw new Error(`expected one ExecStop of sh in ${DROP_IN}`)
  return quoted
}

/** The tables that stand after somebody else's table was loaded and nftables.service stopped. */
function tablesAfterStop(texts: { readonly agent?: string; readonly server?: string }): string[] {
  const put = Object.entries({ 'sallyport-agent': texts.agent, sallyport: texts.server }).flatMap(([folder, text]) =>
    text === undefined
      ? []
      : [`mkdir -p /var/lib/${folder}`, `printf %s "$${folder.replace('-', '_')}" > /var/lib/${folder}/base.nft`],
  )
  const script = [
    'mount -t tmpfs none /var/lib',
    ...put,
    'nft add table inet foreign',
    `sh -c "$STOP" || echo failed`,
    'nft list tables',
  ].join('\n')
  const env = { ...process.env, STOP: stopCommand(), sallyport_agent: texts.agent ?? '', sallyport: texts.server ?? '' }
  const told = execFileSync('unshare', ['--net', '--mount', 'sh', '-euc', script], {
    encoding: 'utf8',
    env,
    stdio: 'pipe',
  })
  return told
    .trim()
    .split('\n')
    .filter((line) => line !== '')
}

describe('stopping nftables.service', () => {
  it.each([
    ['an agent’s', { agent: BASE }],
    ['the server’s', { server: BASE }],
  ])('flushes what others loaded and closes %s ports in the same transaction', (_whose, texts) => {
    expect(tablesAfterStop(texts)).toEqual([`table inet ${BASE_TABLE}`])
  })

  it('flushes everything where nothing is protected', () => {
    expect(tablesAfterStop({})).toEqual([])
  })

  it('flushes nothing where the ports could not be closed', () => {
    expect(tablesAfterStop({ agent: 'add nonsense\n' })).toEqual(['failed', 'table inet foreign'])
  })
})
