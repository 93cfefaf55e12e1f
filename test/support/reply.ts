/** What a server answered, for tests that look into it. */
export interface Reply {
  readonly status: number
  // Tests read whatever shape the answer has, and fail when it is another.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any
}
