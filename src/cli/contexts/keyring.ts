/**
 * The system's keyring through the system's own command, where there is one: `secret-tool` (libsecret) on Linux,
 * `security` on macOS, PowerShell's data protection on Windows. No native module, and no secret on a command line where
 * the command can read it from elsewhere.
 */
import path from 'node:path'
import { EXIT } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import type { Outside, ToolAnswer } from '../outside.ts'
import type { Home } from './config-folder.ts'
import { contextFolder } from './context-store.ts'

export interface Keyring {
  /** Undefined when it holds nothing of that name. */
  read(name: string): Promise<string | undefined>
  keep(name: string, secret: string): Promise<void>
  forget(name: string): Promise<void>
}

export interface KeyringPlace extends Home {
  readonly outside: Outside
}

const SERVICE = 'sallyport'

export function keyringOf(place: KeyringPlace): Keyring {
  if (place.platform === 'darwin') return macKeychain(place.outside)
  return place.platform === 'win32' ? windowsProtection(place) : secretService(place.outside)
}

function secretService({ tool }: Outside): Keyring {
  const attributes = (name: string): string[] => ['service', SERVICE, 'context', name]
  return {
    read: async (name) => textOf(await tool('secret-tool', ['lookup', ...attributes(name)])),
    keep: async (name, secret) => {
      const label = `Sallyport ${name}`
      expectDone('secret-tool', await tool('secret-tool', ['store', '--label', label, ...attributes(name)], secret))
    },
    forget: async (name) => void (await tool('secret-tool', ['clear', ...attributes(name)])),
  }
}

/** `security -i` reads its command from standard input, so that the secret is in nobody's list of processes. */
function macKeychain({ tool }: Outside): Keyring {
  return {
    read: async (name) => {
      const answer = textOf(await tool('security', ['find-generic-password', '-s', SERVICE, '-a', name, '-w']))
      return answer === undefined ? undefined : Buffer.from(answer, 'base64').toString('utf8')
    },
    keep: async (name, secret) => {
      const safe = Buffer.from(secret, 'utf8').toString('base64')
      const command = `add-generic-password -U -s ${SERVICE} -a ${name} -w ${safe}\n`
      expectDone('security', await tool('security', ['-i'], command))
    },
    forget: async (name) => void (await tool('security', ['delete-generic-password', '-s', SERVICE, '-a', name])),
  }
}

/** DPAPI: sealed for this user on this machine, in a file beside the contexts. */
function windowsProtection(place: KeyringPlace): Keyring {
  const { tool } = place.outside
  const run = (script: string, input: string): Promise<ToolAnswer> =>
    tool('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', script], input)
  const file = (name: string): string => path.win32.join(contextFolder(place), `${name}.sealed`).replaceAll("'", "''")
  return {
    read: async (name) =>
      textOf(
        await run(
          UNSEAL.replace('FILE', () => file(name)),
          '',
        ),
      ),
    keep: async (name, secret) => {
      expectDone(
        'powershell',
        await run(
          SEAL.replace('FILE', () => file(name)),
          secret,
        ),
      )
    },
    forget: async (name) => void (await run(`Remove-Item -Force -ErrorAction Ignore '${file(name)}'`, '')),
  }
}

const ASSEMBLY = 'Add-Type -AssemblyName System.Security'
const SEAL = `${ASSEMBLY}; $t=[Console]::In.ReadToEnd(); $b=[Text.Encoding]::UTF8.GetBytes($t); [IO.File]::WriteAllBytes('FILE',[Security.Cryptography.ProtectedData]::Protect($b,$null,'CurrentUser'))`
const UNSEAL = `${ASSEMBLY}; $b=[IO.File]::ReadAllBytes('FILE'); [Console]::Out.Write([Text.Encoding]::UTF8.GetString([Security.Cryptography.ProtectedData]::Unprotect($b,$null,'CurrentUser')))`

function textOf({ code, stdout }: ToolAnswer): string | undefined {
  const text = stdout.trim()
  return code === 0 && text !== '' ? text : undefined
}

function expectDone(tool: string, { code, stderr }: ToolAnswer): void {
  if (code === 0) return
  const why = code === undefined ? 'it is not installed' : stderr.trim().split('\n')[0] || `it ended with ${code}`
  throw new Failure(EXIT.server, `the keyring did not take the token: ${tool}: ${why}`, {
    remedy: '--token-store file, which keeps it in a file that only you may read',
  })
}
