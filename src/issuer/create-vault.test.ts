import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { createVault } from './create-vault.ts'
import { sealerOf } from './seal.ts'

test('what is handed out to be typed is never taken for an option by the program that it is given to', () => {
  const vault = createVault({ sealer: sealerOf(randomBytes(32)), place: 'here' })
  const handed = Array.from({ length: 500 }, () => [vault.newSecret().text, vault.newPassword()]).flat()
  expect(handed.filter((text) => !/^[a-z0-9]/.test(text))).toEqual([])
  expect(new Set(handed).size).toBe(1_000)
})
