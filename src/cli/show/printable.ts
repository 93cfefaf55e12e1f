/**
 * Text from elsewhere, made safe for a terminal: somebody's justification must not move the cursor, hide a line or
 * write right to left over what stands beside it.
 */
export function printable(text: string): string {
  return steeringNothing(text.replaceAll(/[\r\n\t]+/g, ' '))
}

/** The lines and tabs of a text stay. */
export function steeringNothing(text: string): string {
  return text.replaceAll(/(?![\n\t])[\p{Cc}\p{Cf}\u2028\u2029]/gu, '\uFFFD')
}
