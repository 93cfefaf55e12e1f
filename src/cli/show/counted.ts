/** `1 policy`, `3 policies`: how many of what there are, for people. */

export function counted(number: number, one: string, several = `${one}s`): string {
  return `${number} ${number === 1 ? one : several}`
}
