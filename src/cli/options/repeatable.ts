/**
 * An option that may be given several times. Not commander's `<value...>`, which would take the arguments that follow:
 * `request create --port 22 web1` must not read web1 as a port.
 */
export function repeatable(value: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), value]
}
