import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { agentProgram } from './agent-program.ts'

test('whoever may not have the agent’s folder is told to be root, before the token is used', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-agent-'))
  let told = ''
  try {
    writeFileSync(join(folder, 'in-the-way'), '')
    const exit = await agentProgram(
      `--state ${folder}/in-the-way/state enroll --server https://127.0.0.1:1 --token T --ca-fingerprint sha256:00`.split(
        ' ',
      ),
      {
        env: {},
        version: '0.1.0',
        out: () => undefined,
        err: (text) => (told += text),
        ask: () => Promise.resolve(undefined),
        onStop: () => undefined,
      },
    )
    expect([exit, told]).toEqual([1, expect.stringMatching(/in-the-way.state.*ENOTDIR.*; this is to be run as root/)])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
