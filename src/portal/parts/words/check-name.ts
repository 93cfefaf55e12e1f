/** How a check is called in front of the reader. */
import { useText } from '../../language.tsx'
import { checkNames } from './check-names.messages.ts'

const NAME = '{name}'

export function checkNameIn(words: Readonly<Record<string, string>>, name: string): string {
  const known = Object.hasOwn(words, name) ? words[name] : undefined
  if (known !== undefined) return known
  for (const [pattern, text] of Object.entries(words)) {
    const before = pattern.endsWith(NAME) ? pattern.slice(0, -NAME.length) : undefined
    if (before !== undefined && name.startsWith(before)) return text.replace(NAME, () => name.slice(before.length))
  }
  return name
}

export function useCheckName(): (name: string) => string {
  const words = useText(checkNames)
  return (name) => checkNameIn(words, name)
}
