/** How much the server takes, so that no caller can make it hold more. */

/** A policy of a thousand machines with four ports each is about 700 kB. */
export const LARGEST_BODY = 1_048_576
/** Longer than any name in a resource id (260), also when every character of it is percent-encoded as UTF-8. */
export const LONGEST_PARAMETER = 3_200
/** A request must have arrived within this time (milliseconds), however slowly it is sent. */
export const ARRIVAL_TIME = 30_000
/** A quiet connection is kept this long (milliseconds), so that a client behind a load balancer can use it again. */
export const KEEP_ALIVE = 72_000
