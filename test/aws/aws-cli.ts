/** The official command line of AWS, as somebody else's eyes on what we did. */
import { execFile, execFileSync } from 'node:child_process'
import { promisify } from 'node:util'
import { motoPython } from './moto.ts'
import { KEYS, REGION } from './moto-account.ts'

/** Undefined where there is none. */
const command: readonly string[] | undefined = [['aws'], [motoPython ?? 'python3', '-m', 'awscli']].find(works)

if (command === undefined)
  process.stderr.write(
    'SKIPPED: the aws command line as an observer, because it is not here. Get it with: script/ensure-moto\n',
  )

function works([program = '', ...args]: readonly string[]): boolean {
  try {
    execFileSync(program, [...args, '--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** `aws ...words`, as JSON. */
export async function aws(url: string, ...words: string[]): Promise<unknown> {
  const [program = 'aws', ...first] = command ?? []
  const args = [...first, '--endpoint-url', url, '--region', REGION, '--output', 'json', ...words]
  const env = {
    ...process.env,
    AWS_ACCESS_KEY_ID: KEYS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_PAGER: '',
  }
  const { stdout } = await promisify(execFile)(program, args, { env, maxBuffer: 64 * 1024 * 1024 })
  return stdout.trim() === '' ? undefined : JSON.parse(stdout)
}

/** Without ids of rules and without order, which both change when a rule is put back. */
export function comparable(value: unknown): unknown {
  if (Array.isArray(value))
    return value.map(comparable).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(([name]) => !/^SecurityGroupRule(?:Id|Arn)$/.test(name))
  return Object.fromEntries(kept.map(([name, inner]) => [name, comparable(inner)]))
}
