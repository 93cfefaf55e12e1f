/** Hands the terminal to a program of this machine. */
import { EXIT } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import type { Io } from '../io.ts'

export async function handTo(
  { outside }: Pick<Io, 'outside'>,
  program: string,
  args: readonly string[],
): Promise<number> {
  const code = await outside.hand(program, args)
  if (code !== undefined) return code
  throw new Failure(EXIT.usage, `there is no program '${program}' on this machine`, {
    remedy: `install it, or see that PATH has it`,
  })
}
