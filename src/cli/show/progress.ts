/** What happens while somebody waits, on stderr: a spinner on a terminal; in a log, a line whenever the text changes. */
import type { Io } from '../io.ts'
import { printable } from './printable.ts'

export interface Progress {
  update(text: string): void
  /** Leaves nothing of the spinner behind. */
  stop(): void
}

const FRAMES = ['|', '/', '-', '\\']
const FRAME_MILLIS = 120
const ERASE_LINE = '\r\u001b[K'

export function startProgress({ stderr }: Pick<Io, 'stderr'>): Progress {
  return stderr.isTerminal ? spinner(stderr) : lines(stderr)
}

function lines(stderr: Io['stderr']): Progress {
  let last = ''
  return {
    update: (text) => {
      if (text !== last) stderr.write(`${printable(text)}\n`)
      last = text
    },
    stop: () => undefined,
  }
}

function spinner(stderr: Io['stderr']): Progress {
  let text = ''
  let frame = 0
  const draw = (): void => {
    if (text !== '') stderr.write(`${ERASE_LINE}${FRAMES[frame++ % FRAMES.length] ?? ''} ${printable(text)}`)
  }
  const timer = setInterval(draw, FRAME_MILLIS)
  return {
    update: (next) => {
      text = next
      draw()
    },
    stop: () => {
      clearInterval(timer)
      if (text !== '') stderr.write(ERASE_LINE)
    },
  }
}
