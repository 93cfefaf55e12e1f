/** Codes of refusals that the original documents with one sentence for the whole request (behaviour reference §2.5). */
export const NOT_A_SUBSET = 'AccessRequestNotSubsetOfPolicy'
export const INVALID_INPUT = 'InvalidInitiateInput'
export const IPV6_UNSUPPORTED = 'Ipv6SourceUnsupported'
