/** `completion`: what a shell needs to complete commands and names; and the hidden command that the shell then asks. */
import { Argument, type Command } from 'commander'
import { namesOf, type Wanted } from '../completion/names.ts'
import { ASK, FILES, SCRIPTS, SHELLS, type Shell } from '../completion/shell-scripts.ts'
import { whatsNext, type Candidate, type Next } from '../completion/whats-next.ts'
import { withExamples } from '../help/examples.ts'
import type { Io } from '../io.ts'
import { printable } from '../show/printable.ts'

export function addCompletion(program: Command, io: Io): void {
  const command = program
    .command('completion')
    .description('print what a shell needs to complete commands, options and the names of machines and policies')
    .addArgument(new Argument('<shell>', 'which shell').choices(SHELLS))
  withExamples(command, [
    { does: 'for bash, in ~/.bashrc', line: 'eval "$(sallyport completion bash)"' },
    { does: 'for zsh, in ~/.zshrc after compinit', line: 'eval "$(sallyport completion zsh)"' },
    { does: 'for fish', line: 'sallyport completion fish > ~/.config/fish/completions/sallyport.fish' },
  ])
  command.action((shell: Shell) => io.stdout.write(SCRIPTS[shell]))
  program
    .command(ASK, { hidden: true })
    .argument('[words...]')
    .action(async (words: readonly string[]) => io.stdout.write(await answer(program, words, io)))
}

type Names = Extract<Next, { kind: 'names' }>

async function answer(program: Command, words: readonly string[], io: Io): Promise<string> {
  const next = whatsNext(program, words)
  if (next.kind === 'files') return `${FILES}\n`
  if (next.kind === 'nothing') return ''
  const unfinished = words.at(-1) ?? ''
  const candidates = next.kind === 'words' ? next.words : await namesAfter(next, unfinished, io)
  return candidates
    .filter(({ text }) => text.toLowerCase().startsWith(unfinished.toLowerCase()))
    .map(line)
    .join('')
}

/** `ada@web1` for `ada@w`, `--machine=web1` for `--machine=w`. */
async function namesAfter(next: Names, unfinished: string, io: Io): Promise<Candidate[]> {
  const { before = '' } = next
  const names = await namesOrNone({ ...next, typed: unfinished.slice(before.length) }, io)
  return names.map(({ text, does }) => ({ text: `${before}${text}`, does }))
}

/** Somebody is in the middle of typing: no server, no permission and no time are all no names. */
async function namesOrNone(next: Wanted, io: Io): Promise<Candidate[]> {
  try {
    return await namesOf(next, io)
  } catch {
    return []
  }
}

function line({ text, does }: Candidate): string {
  return `${printable(text)}\t${printable(does)}\n`
}
