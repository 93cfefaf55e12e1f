/** The system's keyrings by the lines that they are asked with: what is secret is never among the arguments. */
import { describe, expect, test } from 'vitest'
import type { Outside, ToolAnswer } from '../outside.ts'
import { chooseStore } from '../sign-in/choose-store.ts'
import { keyringOf, type KeyringPlace } from './keyring.ts'

const SECRET = '{"access":"s3cret"}'

/** Answers as the tool of each system does, and keeps what it was given in a drawer. */
function placeOn(platform: string, isBroken = false): KeyringPlace & { readonly lines: string[] } {
  const drawer = new Map<string, string>()
  const lines: string[] = []
  const tool: Outside['tool'] = async (program, args, input = '') => {
    lines.push([program, ...args].join(' '))
    if (isBroken) return { code: 1, stdout: '', stderr: 'the keyring is locked\n' }
    return TOOLS[program]?.(args, input, drawer) ?? { code: undefined, stdout: '', stderr: '' }
  }
  const never = (): never => {
    throw new Error('not used here')
  }
  return {
    platform,
    env: { HOME: '/home/ada', APPDATA: String.raw`C:\ada` },
    lines,
    outside: { platform, tool, hand: never, launch: never, join: never, reaches: never },
  }
}

const done = (stdout = ''): ToolAnswer => ({ code: 0, stdout, stderr: '' })
const missing: ToolAnswer = { code: 1, stdout: '', stderr: '' }

type Tool = (args: readonly string[], input: string, drawer: Map<string, string>) => ToolAnswer

const TOOLS: Readonly<Record<string, Tool>> = {
  'secret-tool': ([verb, ...args], input, drawer) => {
    const name = args.at(-1) ?? ''
    if (verb === 'store') drawer.set(name, input)
    if (verb === 'clear') drawer.delete(name)
    const kept = drawer.get(name)
    return verb === 'lookup' && kept === undefined ? missing : done(kept)
  },
  security: ([verb, ...args], input, drawer) => {
    const [, name = '', password = ''] = /-a (\S+) -w (\S+)/.exec(input) ?? []
    if (verb === '-i') drawer.set(name, password)
    const asked = args[args.indexOf('-a') + 1] ?? ''
    if (verb === 'delete-generic-password') drawer.delete(asked)
    const kept = drawer.get(asked)
    return verb === 'find-generic-password' && kept === undefined ? missing : done(kept)
  },
  'powershell.exe': ([, , , script = ''], input, drawer) => {
    const [, file = ''] = /'([^']*\.sealed)'/.exec(script) ?? []
    if (script.includes('WriteAllBytes')) drawer.set(file, input)
    if (script.includes('Remove-Item')) drawer.delete(file)
    const kept = drawer.get(file)
    return script.includes('ReadAllBytes') && kept === undefined ? missing : done(kept)
  },
}

describe.each(['linux', 'darwin', 'win32'])('the keyring of %s', (platform) => {
  test('keeps, finds and forgets a secret that no list of processes shows', async () => {
    const place = placeOn(platform)
    const keyring = keyringOf(place)
    await keyring.keep('work', SECRET)
    expect(await keyring.read('work')).toBe(SECRET)
    expect(await keyring.read('other')).toBeUndefined()
    await keyring.forget('work')
    expect(await keyring.read('work')).toBeUndefined()
    expect(place.lines.join('\n')).not.toMatch(/s3cret|czNjcmV0/)
  })

  test('that is locked says so, and auto takes the file', async () => {
    await expect(keyringOf(placeOn(platform, true)).keep('work', SECRET)).rejects.toThrow('the keyring is locked')
    expect(await chooseStore('auto', placeOn(platform, true))).toBe('file')
    expect(await chooseStore('auto', placeOn(platform))).toBe('keyring')
  })
})

test('a keyring whose command is not installed says so', async () => {
  const bare = {
    ...placeOn('linux'),
    outside: { ...placeOn('linux').outside, tool: async () => ({ ...missing, code: undefined }) },
  }
  await expect(keyringOf(bare).keep('work', SECRET)).rejects.toThrow('secret-tool: it is not installed')
})
