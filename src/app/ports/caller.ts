/** Who asks. */

/** Who asks, as far as this installation can tell. */
export interface Caller {
  /** The user principal name; empty for one without (behaviour reference, R12). */
  readonly name: string
  /** The address the request came from, canonical text. */
  readonly address: string
  /** The caller's object id, then the ids of the groups it belongs to; what role assignments name. */
  readonly principals: readonly string[]
  /** The bootstrap administrator's token: may do everything everywhere, whatever is assigned. */
  readonly isBreakGlass: boolean
  /** What ties the events of one call together, and to the caller's own log. */
  readonly correlation?: string
  /** The browser session that the call came with, by the id that lists show. */
  readonly session?: string
  /** The program through which a person acts, as the issuer says. No right comes or goes with it. */
  readonly through?: string
  /** For whom a program says that it acts. Its word alone: on record as claimed, and nothing is decided by it. */
  readonly claimedOnBehalfOf?: string
  /** The far end of the shell that the command was typed in, when the client says so (`SSH_CONNECTION`). */
  readonly shell?: { readonly address: string; readonly port: number }
}

/** What a driver may know of who asks: enough not to cut them off. */
export type CallerPlace = Pick<Caller, 'address' | 'shell'>
