/**
 * Whether a text may stand for a host in a command line. What others call a machine becomes a word of ours: one that
 * begins with a dash would be an option of ssh, and run what it likes.
 */
export function isHost(text: string): boolean {
  return /^[A-Za-z0-9:][A-Za-z0-9._:%-]*$/.test(text)
}
