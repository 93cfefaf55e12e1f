import { execFileSync } from 'node:child_process'
import { createPrivateKey, createPublicKey } from 'node:crypto'
import { expect, it } from 'vitest'
import { newKeyWithRequest } from './csr.ts'

it('OpenSSL reads the request, and finds it signed by the key that stays on the host', () => {
  const { key, csr } = newKeyWithRequest()
  const read = (args: readonly string[]): string =>
    execFileSync('openssl', ['req', ...args], { input: csr, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] })
  expect(() => read(['-verify', '-noout'])).not.toThrow()
  expect(read(['-noout', '-pubkey'])).toBe(
    createPublicKey(createPrivateKey(key)).export({ type: 'spki', format: 'pem' }).toString(),
  )
  const broken = csr.replace(/A/, 'B')
  expect(() =>
    execFileSync('openssl', ['req', '-verify', '-noout'], { input: broken, stdio: ['pipe', 'pipe', 'pipe'] }),
  ).toThrow(/./)
})
