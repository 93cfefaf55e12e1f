/** Every way of signing in that needs nobody to be there: how programs get their tokens, the first one and each later one. */
import { checkedToken } from '../calls/checked-token.ts'
import type { SignedIn } from '../contexts/context.ts'
import type { Tokens } from '../contexts/token-store.ts'
import { endOf, foreignToken, readFile } from './read-proof.ts'
import type { Io } from '../io.ts'

export type Silent = Exclude<SignedIn, { readonly by: 'person' }>

export async function signInSilently(signedIn: Silent, io: Pick<Io, 'env' | 'now'>): Promise<Tokens> {
  switch (signedIn.by) {
    case 'token file':
      return endingByItself(readFile(signedIn.file).trim(), `the file ${signedIn.file}`, io)
    case 'foreign token':
      return endingByItself((await foreignToken(signedIn.proof, io.env)) ?? '', 'what the surroundings gave', io)
    case 'program': {
      const { signInAsProgram } = await import('./program-sign-in.ts')
      return signInAsProgram(signedIn, io)
    }
  }
}

function endingByItself(token: string, where: string, { now }: Pick<Io, 'now'>): Tokens {
  const access = checkedToken(token, where)
  return { access, endsAt: endOf(access, now()) }
}
