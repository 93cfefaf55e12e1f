/** Where tokens go: a file of the person's own, or the system's keyring where it is seen to work. */
import type { Context } from '../contexts/context.ts'
import { keyringOf, type KeyringPlace } from '../contexts/keyring.ts'
import { Failure } from '../failure.ts'

/** `auto` tries the keyring with something that is no secret, because a keyring may be there and locked. */
export async function chooseStore(wanted: 'auto' | Context['keep'], place: KeyringPlace): Promise<Context['keep']> {
  if (wanted !== 'auto') return wanted
  const keyring = keyringOf(place)
  const [name, text] = ['sallyport-trial', 'a trial']
  try {
    await keyring.keep(name, text)
    const isKept = (await keyring.read(name)) === text
    await keyring.forget(name)
    return isKept ? 'keyring' : 'file'
  } catch (error) {
    if (error instanceof Failure) return 'file'
    throw error
  }
}
