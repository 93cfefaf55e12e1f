/** Signing browsers in and out, and looking after the browsers that one is signed in with. */
import type { Operation } from './operation.ts'
import { currentSession, sessionList, signedOut, signedOutEverywhere, signInQuery } from './session.ts'

const OURS = { tag: 'sallyport', apiVersion: 'none' } as const
const SESSIONS = '/api/v1/sessions' as const

export const SESSION_OPERATIONS = {
  Auth_SignIn: {
    ...OURS,
    method: 'GET',
    path: '/auth/sign-in',
    summary: 'Sends a browser to the issuer to sign in, and back to a page of this server',
    open: true,
    query: signInQuery,
    answers: { 302: { text: 'To the issuer' } },
  },
  Auth_Callback: {
    ...OURS,
    method: 'GET',
    path: '/auth/callback',
    summary: 'Where the issuer sends the browser back; begins the session',
    open: true,
    answers: { 303: { text: 'To the page that was asked for' } },
  },
  Auth_Session: {
    ...OURS,
    method: 'GET',
    path: '/auth/session',
    summary: 'Says who is signed in with this browser, until when, and what to send with calls that change something',
    answers: { 200: { text: 'The session', body: currentSession } },
  },
  Auth_SignOut: {
    ...OURS,
    method: 'POST',
    path: '/auth/sign-out',
    summary: 'Signs this browser out',
    headers: { 'x-csrf-token': 'From the session' },
    answers: { 200: { text: 'Signed out', body: signedOut } },
  },
  Sessions_List: {
    ...OURS,
    method: 'GET',
    path: SESSIONS,
    summary: 'Lists the browsers that you are signed in with, newest first',
    answers: { 200: { text: 'The sessions', body: sessionList } },
  },
  Sessions_End: {
    ...OURS,
    method: 'DELETE',
    path: `${SESSIONS}/{sessionId}`,
    summary: 'Signs one of your browsers out',
    answers: { 200: { text: 'Signed out' } },
  },
  Sessions_SignOutEverywhere: {
    ...OURS,
    method: 'POST',
    path: `${SESSIONS}/sign-out-everywhere`,
    summary: 'Signs all your browsers out; of users of this installation the programs too',
    answers: { 200: { text: 'Signed out', body: signedOutEverywhere } },
  },
} as const satisfies Readonly<Record<string, Operation>>
