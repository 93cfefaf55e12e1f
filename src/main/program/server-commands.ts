/** What the server's own commands are for, in the words of every help; their options would bring the configuration's schema along. */
export const SERVER_COMMANDS = {
  server: 'serve: keep ports closed, open them on request, close them in time',
  config: 'look at the server’s configuration, replace its administrator token, move it to PostgreSQL',
} as const
