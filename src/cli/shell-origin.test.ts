import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { shellOrigin } from './shell-origin.ts'

test('the far end of the SSH connection is told from the environment', () => {
  const env = { SSH_CONNECTION: '203.0.113.7 51234 10.0.0.4 22' }
  expect(shellOrigin({ env, parentProcess: undefined })).toBe('203.0.113.7 51234')
})

test('a shell that did not come by SSH has no far end', () => {
  for (const SSH_CONNECTION of ['', 'UNKNOWN 65535 UNKNOWN 65535', '203.0.113.0/24 22 10.0.0.4 22'])
    expect(shellOrigin({ env: { SSH_CONNECTION }, parentProcess: undefined })).toBeUndefined()
})

test.skipIf(process.platform !== 'linux')('under sudo, which hides it, the shell above still tells', async () => {
  const env = { SSH_CONNECTION: '2001:db8::7 51234 2001:db8::1 22', PATH: process.env['PATH'] ?? '' }
  const shell = spawn('sh', ['-c', 'env -i sleep 60 & echo $!; wait'], {
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  })
  try {
    const [line] = (await once(shell.stdout, 'data')) as [Buffer] // a stream without an encoding gives buffers
    expect(shellOrigin({ env: {}, parentProcess: Number(line.toString()) })).toBe('2001:db8::7 51234')
  } finally {
    if (shell.pid !== undefined) process.kill(-shell.pid)
  }
})
