/** Help, suggestions and completion: of every command, from the program itself. */
import type { Command } from 'commander'
import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import { afterEach, describe, expect, test } from 'vitest'
import { examplesOf } from '../../src/cli/help/examples.ts'
import { ioOf } from '../../src/cli/io.ts'
import { buildProgram } from '../../src/cli/program.ts'
import { shownBelow } from '../../src/cli/help/shown-commands.ts'
import { manPages } from '../../script/man-pages.ts'
import { theProgram } from '../../script/the-program.ts'
import { startServer, type RunningServer } from '../conformance/running-server.ts'
import { type, type Typed } from './type.ts'

let server: RunningServer | undefined
afterEach(async () => {
  await server?.stop()
  server = undefined
})

const offline = (line: string): Promise<Typed> => type(undefined, line.split(' '))

test('help of what there is not names what may have been meant, and the version is a word too', async () => {
  expect((await offline('help requst create')).stderr).toContain("'requst create'; did you mean request?")
  expect((await offline('version')).stdout).toBe('0.0.0-test\n')
})

test('a command that is called otherwise elsewhere is told by its name here', async () => {
  expect((await offline('policy delete default')).stderr).toBe(
    "error: unknown command 'delete'\ntry: sallyport policy remove\n",
  )
  expect((await offline('close web1')).stderr).toContain('try: sallyport request close\n')
  expect((await offline('policy bananas')).stderr).toContain('try: sallyport policy --help\n')
})

test('help tells of what is a command’s own before what every command takes', async () => {
  for (const line of ['host --help', '--help', 'request create --help']) {
    const { stdout } = await offline(line)
    const titles = [...stdout.matchAll(/^[A-Z][a-z ]+:$/gm)].map(([title]) => title)
    expect(titles).toEqual(
      ['Arguments:', 'Commands:', 'Options:', 'Global options:', 'Examples:', 'Exit codes:'].filter((title) =>
        titles.includes(title),
      ),
    )
    expect(titles.slice(-3)).toContain('Global options:')
  }
})

test.each([40, 60, 80, 200])('help on a terminal of %s columns breaks no word', (columns) => {
  const io = ioOf(process, '')
  const program = buildProgram(io)
  program.configureOutput({ getOutHelpWidth: () => columns, getErrHelpWidth: () => columns })
  const host = program.commands.find((command) => command.name() === 'host')
  host?.copyInheritedSettings(program)
  const lines = host?.helpInformation().split('\n') ?? []
  // A line that is typed stays whole.
  expect(lines.filter((line) => line.length > columns && !line.startsWith('Usage: '))).toEqual([])
  expect(lines.filter((line) => /^ +enroll/.test(line))).toHaveLength(1)
})

test('what help of the server tells besides is as wide as the terminal, and 80 columns where there is none', () => {
  let help = ''
  const server = theProgram().commands.find((command) => command.name() === 'server')
  server?.configureOutput({ writeOut: (text) => (help += text) }).outputHelp()
  const lines = help.slice(help.indexOf('Every option')).split('\n')
  expect(lines[0]).toMatch(/^Every option may also be/)
  expect(lines.filter((line) => line.length > 80)).toEqual([])
})

function everyCommand(command: Command = theProgram(), path = 'sallyport'): [string, Command][] {
  return [[path, command], ...shownBelow(command).flatMap((child) => everyCommand(child, `${path} ${child.name()}`))]
}

describe('every command', () => {
  const commands = everyCommand().filter(([path]) => path !== 'sallyport')

  test('shows examples in its help', () => {
    expect(commands.length).toBeGreaterThan(40)
    expect(commands.filter(([, command]) => examplesOf(command).length === 0).map(([path]) => path)).toEqual([])
  })

  test('has examples that are understood as they are written', async () => {
    const lines = commands.flatMap(([, command]) => examplesOf(command).map(({ line }) => line))
    const refused = await Promise.all(
      lines.flatMap(callsIn).map(async (words) => [words.join(' '), await parsed(words)]),
    )
    expect(refused.filter(([, error]) => error !== undefined)).toEqual([])
  })

  test('is described, and so is each of its options', () => {
    const silent = commands.flatMap(([path, command]) => [
      ...(command.description() === '' ? [path] : []),
      ...command.options.filter(({ description }) => description === '').map(({ long }) => `${path} ${long ?? ''}`),
    ])
    expect(silent).toEqual([])
  })

  test('a planted example that is not understood is found', async () => {
    expect(await parsed(['request', 'create', 'web1', '--prot', '22'])).toContain("unknown option '--prot'")
    expect(callsIn('a | sallyport policy list -o json > f && b "$(sallyport help)"')).toEqual([
      ['policy', 'list', '-o', 'json'],
      ['help'],
    ])
  })
})

test('a command line builds the command that it names as the whole program has it, and knows the names of all others', () => {
  const names = ({ commands }: Command) => commands.map((command) => [command.name(), command.aliases()])
  const shape = (command?: Command): unknown => command?.commands.map((child) => [child.name(), shape(child)])
  const io = ioOf(process, '')
  const whole = buildProgram(io)
  const uses = whole.commands.filter((command) => command.name() !== '__complete')
  expect(uses.length).toBeGreaterThan(20)
  for (const command of uses) {
    for (const name of [command.name(), ...command.aliases()]) {
      const alone = buildProgram(io, {}, [name])
      expect(names(alone)).toEqual(expect.arrayContaining(uses.map((one) => [one.name(), one.aliases()])))
      const built = alone.commands.find((one) => one.name() === command.name())
      expect([built?.description(), shape(built)]).toEqual([command.description(), shape(command)])
    }
  }
})

/** The words of every call of ours in a line for a shell. */
function callsIn(line: string): string[][] {
  const calls = line.matchAll(/(?:^|[\s(])(?:sudo )?sallyport((?:\s+(?:'[^']*'|"[^"]*"|[^\s|>&;()'"]+))*)/g)
  return [...calls].map(([, rest = '']) =>
    [...rest.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, single, double, bare]) => single ?? double ?? bare ?? ''),
  )
}

/** What commander says against it; undefined where nothing. */
async function parsed(words: readonly string[]): Promise<string | undefined> {
  const program = theProgram()
  let said = ''
  quieted(program, (text) => (said += text))
  try {
    await program.parseAsync(words, { from: 'user' })
    return undefined
  } catch (error) {
    return said || String(error)
  }
}

function quieted(command: Command, writeErr: (text: string) => void): void {
  command
    .action(() => undefined)
    .exitOverride()
    .configureOutput({ writeErr })
  for (const below of command.commands) quieted(below, writeErr)
}

/** groff is what man(1) formats with; not every machine has it. */
const groff = spawnSync('groff', ['--version']).status === 0

test.runIf(groff)('every manual page is formatted without a warning', async () => {
  const pages = manPages()
  expect(pages.length).toBeGreaterThan(20)
  for (const { path, make } of pages) {
    const { stdout, stderr } = spawnSync('groff', ['-man', '-Kutf8', '-Tutf8', '-ww'], {
      input: await make(),
      encoding: 'utf8',
    })
    expect(`${path}: ${stderr}`).toBe(`${path}: `)
    expect(stdout.replaceAll(/.\u0008/g, '')).toContain('SYNOPSIS') // bold letters are struck twice
  }
})

describe('a typo', () => {
  test.each([
    ['polcy list', 'Did you mean policy?'],
    ['policy lst', 'Did you mean one of list, ls?'],
    ['policy list --outptu json', 'Did you mean --output?'],
    ['policy list -o jsn', 'json'],
  ])('%s is answered with what was probably meant', async (line, suggestion) => {
    const { exit, stderr } = await offline(line)
    expect([exit, stderr]).toEqual([2, expect.stringContaining(suggestion)])
  })
})

describe('completion', () => {
  const next = async (line: string): Promise<string[]> => {
    const words = line.split(' ').slice(1)
    const { stdout } = await type(server?.url, ['__complete', '--', ...words])
    return stdout
      .split('\n')
      .filter((text) => text !== '')
      .map((text) => text.split('\t')[0] ?? '')
  }

  test('knows commands, options and their values', async () => {
    expect(await next('sallyport po')).toEqual(['policy', 'posture'])
    expect(await next('sallyport policy s')).toEqual(['show', 'set'])
    expect(await next('sallyport request create web1 --just')).toEqual(['--justification'])
    expect(await next('sallyport machine list -o y')).toEqual(['yaml'])
    expect(await next('sallyport machine list --output=y')).toEqual(['--output=yaml'])
    expect(await next('sallyport completion ')).toEqual(['bash', 'zsh', 'fish'])
    expect(await next('sallyport apply -f ')).toEqual([':files'])
    expect(await next('sallyport __')).toEqual([])
  })

  test('knows the machines, policies and requests of the server', async () => {
    server = await startServer()
    await type(server.url, ['policy', 'set', 'default', '-m', 'web1', '-p', '22'])
    const { json } = await type(server.url, ['request', 'create', 'web1', '-o', 'json'])
    expect(await next('sallyport request create w')).toEqual(['web1', 'web2'])
    expect(await next('sallyport policy set x --machine WEB')).toEqual(['web1', 'web2'])
    expect(await next('sallyport policy set x --machine=WEB')).toEqual(['--machine=web1', '--machine=web2'])
    expect(await next('sallyport machine show --server=http://127.0.0.1:1 w')).toEqual([])
    expect(await next('sallyport policy show ')).toEqual(['default'])
    expect(await next('sallyport request close ')).toEqual([json.id])
    expect(await next('sallyport ssh ada@w')).toEqual(['ada@web1', 'ada@web2'])
    expect(await next('sallyport ssh w')).toEqual(['web1', 'web2'])
    expect(await next('sallyport machine show ada@w')).toEqual([])
  })

  test('says nothing where there is no server to ask', async () => {
    expect(await offline('__complete -- machine show w')).toMatchObject({ exit: 0, stdout: '', stderr: '' })
  })

  test('bash takes the script, and asks it', async () => {
    const { stdout: script } = await offline('completion bash')
    const asking = `${script}
      sallyport() { printf '%s\\tdoes\\n' ada@web1 'plan b'; printf '%s,' "$@" >&3; }
      ask() { COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); _sallyport sallyport "$typed" x; printf ' %s\\n' "\${COMPREPLY[*]}"; }
      exec 3>&1
      typed=p ask sallyport p
      typed=@w ask sallyport ssh ada @ w
      typed=@ ask sallyport ssh ada @
      typed=w ask sallyport policy set x --machine = w
      typed=x ask sallyport machine show --server http : //127.0.0.1 : 1 x`
    expect((await promisify(execFile)('bash', ['-euc', asking])).stdout.split('\n')).toEqual([
      '__complete,--,p, ada@web1 plan\\ b',
      '__complete,--,ssh,ada@w, @web1 plan\\ b',
      '__complete,--,ssh,ada@, @web1 plan\\ b',
      '__complete,--,policy,set,x,--machine=w, ada@web1 plan\\ b',
      '__complete,--,machine,show,--server,http://127.0.0.1:1,x, ada@web1 plan\\ b',
      '',
    ])
  })
})
