/** Every word of the sign-in pages, in each language. */
import { languageFor, type Language } from '../../contract/accept-language.ts'

export interface Messages {
  readonly language: Language
  readonly signIn: string
  readonly signInTo: (program: string) => string
  readonly name: string
  readonly password: string
  readonly code: string
  readonly codeHint: string
  readonly wrong: string
  readonly cancel: string
  readonly changePassword: string
  readonly mustChange: string
  readonly enrolTitle: string
  readonly enrolWhy: string
  readonly enrolHow: string
  readonly enrolPicture: string
  readonly enrolByHand: string
  readonly enrolWrong: string
  readonly currentPassword: string
  readonly newPassword: string
  readonly repeatPassword: string
  readonly passwordHint: string
  readonly passwordsDiffer: string
  readonly passwordTooWeak: string
  readonly passwordChanged: string
  readonly deviceTitle: string
  readonly deviceHint: string
  readonly deviceCode: string
  readonly deviceContinue: string
  readonly deviceUnknown: string
  readonly deviceEnded: string
  readonly deviceUsed: string
  readonly deviceConfirm: (program: string) => string
  readonly deviceWarning: string
  readonly deviceYes: string
  readonly deviceNo: string
  readonly deviceRefused: string
  readonly deviceDone: string
  readonly mayClose: string
  readonly signOut: string
  readonly signOutQuestion: string
  readonly staySignedIn: string
  readonly signedOut: string
  readonly failed: string
  readonly expired: string
}

const en: Messages = {
  language: 'en',
  signIn: 'Sign in',
  signInTo: (program) => `to continue in ${program}`,
  name: 'Name',
  password: 'Password',
  code: 'One-time code',
  codeHint: 'From your authenticator app; leave it empty if you have none.',
  wrong: 'That did not work. Check the name, the password and the code; after several tries, wait a while.',
  cancel: 'Cancel',
  changePassword: 'Change your password',
  mustChange: 'Choose a password of your own before you go on.',
  enrolTitle: 'Set up a one-time code',
  enrolWhy: 'Your rights need more than a password: from now on you sign in with a code as well.',
  enrolHow: 'Read this picture with an authenticator app, then type the code that it shows.',
  enrolPicture: 'A square code for an authenticator app; the same secret is below as text',
  enrolByHand: 'Or type this secret into the app. It is shown this once.',
  enrolWrong: 'That was not the code of this moment. Check the time of the device and type the code that it shows now.',
  currentPassword: 'Current password',
  newPassword: 'New password',
  repeatPassword: 'New password again',
  passwordHint: '12 to 256 characters, without your name.',
  passwordsDiffer: 'The two new passwords differ. Type the same one twice.',
  passwordTooWeak: 'A password has 12 to 256 characters and does not contain your name. Choose another one.',
  passwordChanged: 'Your password was changed. Sign in again where you were signed in.',
  deviceTitle: 'Sign in on another device',
  deviceHint: 'Type the code that the program shows.',
  deviceCode: 'Code',
  deviceContinue: 'Continue',
  deviceUnknown: 'There is no such code. Check it and type it again.',
  deviceEnded: 'This code has ended. Ask the program for a new one.',
  deviceUsed: 'This code was used already. Ask the program for a new one.',
  deviceConfirm: (program) => `Let ${program} sign in as you?`,
  deviceWarning: 'Go on only if you started it yourself, and its window shows this code.',
  deviceYes: 'Yes, go on',
  deviceNo: 'No, stop',
  deviceRefused: 'Nothing was signed in.',
  deviceDone: 'You are signed in.',
  mayClose: 'You may close this window.',
  signOut: 'Sign out',
  signOutQuestion: 'Do you want to sign out here?',
  staySignedIn: 'Stay signed in',
  signedOut: 'You are signed out.',
  failed: 'This did not work',
  expired: 'This page is too old or was opened in another browser. Start again where you came from.',
}

const nl: Messages = {
  language: 'nl',
  signIn: 'Aanmelden',
  signInTo: (program) => `om verder te gaan in ${program}`,
  name: 'Naam',
  password: 'Wachtwoord',
  code: 'Eenmalige code',
  codeHint: 'Uit uw authenticator-app; laat dit leeg als u er geen hebt.',
  wrong: 'Dat is niet gelukt. Controleer de naam, het wachtwoord en de code; wacht na enkele pogingen een tijdje.',
  cancel: 'Annuleren',
  changePassword: 'Uw wachtwoord wijzigen',
  mustChange: 'Kies een eigen wachtwoord voordat u verdergaat.',
  enrolTitle: 'Een eenmalige code instellen',
  enrolWhy: 'Voor uw rechten is meer dan een wachtwoord nodig: voortaan meldt u zich ook met een code aan.',
  enrolHow: 'Lees deze afbeelding met een authenticator-app en typ de code die de app toont.',
  enrolPicture: 'Een vierkante code voor een authenticator-app; hetzelfde geheim staat eronder als tekst',
  enrolByHand: 'Of typ dit geheim in de app. Het wordt alleen deze keer getoond.',
  enrolWrong:
    'Dat was niet de code van dit moment. Controleer de tijd van het apparaat en typ de code die het nu toont.',
  currentPassword: 'Huidig wachtwoord',
  newPassword: 'Nieuw wachtwoord',
  repeatPassword: 'Nieuw wachtwoord, nogmaals',
  passwordHint: '12 tot 256 tekens, zonder uw naam.',
  passwordsDiffer: 'De twee nieuwe wachtwoorden zijn verschillend. Typ tweemaal hetzelfde.',
  passwordTooWeak: 'Een wachtwoord heeft 12 tot 256 tekens en bevat uw naam niet. Kies een ander.',
  passwordChanged: 'Uw wachtwoord is gewijzigd. Meld u opnieuw aan waar u aangemeld was.',
  deviceTitle: 'Aanmelden op een ander apparaat',
  deviceHint: 'Typ de code die het programma toont.',
  deviceCode: 'Code',
  deviceContinue: 'Verder',
  deviceUnknown: 'Deze code bestaat niet. Controleer de code en typ hem opnieuw.',
  deviceEnded: 'Deze code is verlopen. Vraag het programma om een nieuwe.',
  deviceUsed: 'Deze code is al gebruikt. Vraag het programma om een nieuwe.',
  deviceConfirm: (program) => `Mag ${program} zich als u aanmelden?`,
  deviceWarning: 'Ga alleen verder als u dit zelf bent begonnen en het programma deze code toont.',
  deviceYes: 'Ja, ga verder',
  deviceNo: 'Nee, stop',
  deviceRefused: 'Er is niets aangemeld.',
  deviceDone: 'U bent aangemeld.',
  mayClose: 'U kunt dit venster sluiten.',
  signOut: 'Afmelden',
  signOutQuestion: 'Wilt u zich hier afmelden?',
  staySignedIn: 'Aangemeld blijven',
  signedOut: 'U bent afgemeld.',
  failed: 'Dit is niet gelukt',
  expired: 'Deze pagina is te oud of in een andere browser geopend. Begin opnieuw waar u vandaan kwam.',
}

const zhHant: Messages = {
  language: 'zh-Hant',
  signIn: '登入',
  signInTo: (program) => `以繼續使用 ${program}`,
  name: '名稱',
  password: '密碼',
  code: '一次性驗證碼',
  codeHint: '來自您的驗證器應用程式；若未設定，請留空。',
  wrong: '登入失敗。請檢查名稱、密碼與驗證碼；多次失敗後請稍候再試。',
  cancel: '取消',
  changePassword: '變更密碼',
  mustChange: '繼續之前，請先設定您自己的密碼。',
  enrolTitle: '設定一次性驗證碼',
  enrolWhy: '您的權限不能只靠密碼保護：從現在起，登入時還需要驗證碼。',
  enrolHow: '請用驗證器應用程式掃描此圖，然後輸入它顯示的驗證碼。',
  enrolPicture: '供驗證器應用程式掃描的方形條碼；下方以文字列出相同的密鑰',
  enrolByHand: '或將此密鑰輸入應用程式。密鑰只顯示這一次。',
  enrolWrong: '這不是目前的驗證碼。請檢查裝置的時間，並輸入它現在顯示的驗證碼。',
  currentPassword: '目前的密碼',
  newPassword: '新密碼',
  repeatPassword: '再次輸入新密碼',
  passwordHint: '12 到 256 個字元，不可包含您的名稱。',
  passwordsDiffer: '兩次輸入的新密碼不同。請輸入相同的密碼。',
  passwordTooWeak: '密碼須有 12 到 256 個字元，且不可包含您的名稱。請選擇其他密碼。',
  passwordChanged: '密碼已變更。請在先前登入的地方重新登入。',
  deviceTitle: '在其他裝置上登入',
  deviceHint: '請輸入程式顯示的代碼。',
  deviceCode: '代碼',
  deviceContinue: '繼續',
  deviceUnknown: '沒有這個代碼。請檢查後重新輸入。',
  deviceEnded: '此代碼已過期。請向程式要求新的代碼。',
  deviceUsed: '此代碼已使用過。請向程式要求新的代碼。',
  deviceConfirm: (program) => `允許 ${program} 以您的身分登入嗎？`,
  deviceWarning: '只有在您自己啟動了該程式，而且其視窗顯示此代碼時，才繼續。',
  deviceYes: '是，繼續',
  deviceNo: '否，停止',
  deviceRefused: '沒有任何登入發生。',
  deviceDone: '您已登入。',
  mayClose: '您可以關閉此視窗。',
  signOut: '登出',
  signOutQuestion: '要在此登出嗎？',
  staySignedIn: '保持登入',
  signedOut: '您已登出。',
  failed: '操作失敗',
  expired: '此頁面已過期，或是在其他瀏覽器中開啟的。請從原來的地方重新開始。',
}

const MESSAGES: Readonly<Record<Language, Messages>> = { en, nl, 'zh-Hant': zhHant }

export function messagesFor(acceptLanguage: string | undefined): Messages {
  return MESSAGES[languageFor(acceptLanguage)]
}
