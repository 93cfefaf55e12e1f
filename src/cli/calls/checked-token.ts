/** A token fit for a header: visible ASCII only. Anything else is a file picked by mistake, and is not repeated. */
import { EXIT } from '../exit-codes.ts'
import { Failure } from '../failure.ts'

export function checkedToken(token: string, where: string): string {
  if (/^[\u0021-\u007e]+$/.test(token)) return token
  throw new Failure(EXIT.notSignedIn, `${where} holds no token: expected one line of visible characters`)
}
