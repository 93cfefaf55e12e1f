/** The addresses of the portal's pages: the server answers each with the portal, which shows the page. */
export const PORTAL_PATHS = [
  '/',
  '/machines',
  '/machine',
  '/policy',
  '/labels',
  '/request',
  '/my-access',
  '/activity',
  '/access-control',
  '/settings',
] as const
