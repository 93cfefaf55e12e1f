/** The entry point of the agent, which a host gets as one file. */
import { createInterface } from 'node:readline/promises'
import packageJson from '../../package.json' with { type: 'json' }
import { agentProgram } from '../agent/agent-program.ts'

async function ask(question: string): Promise<string | undefined> {
  if (!process.stdin.isTTY) return undefined
  const lines = createInterface({ input: process.stdin, output: process.stdout })
  try {
    return await lines.question(question)
  } finally {
    lines.close()
  }
}

async function main(): Promise<void> {
  // Who holds the table, and who changed it, is told by this name.
  process.title = 'sallyport-agent'
  process.exitCode = await agentProgram(process.argv.slice(2), {
    env: process.env,
    version: packageJson.version,
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    ask,
    onStop: (stop) => {
      process.once('SIGTERM', stop)
      process.once('SIGINT', stop)
    },
  })
}

// A script that is put inside a program cannot wait at its top.
void main()
