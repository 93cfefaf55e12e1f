/** Where a browser signs in, and how it comes back to where it was. */

export function signInUrl(returnTo = `${location.pathname}${location.search}`): string {
  return `/auth/sign-in?${new URLSearchParams({ returnTo }).toString()}`
}
