import type { Messages } from './language.tsx'

interface Words {
  readonly nav: Readonly<Record<'overview' | 'machines' | 'mine' | 'activity' | 'access' | 'settings', string>>
  readonly navigation: string
  readonly openMenu: string
  readonly skip: string
  readonly language: string
  readonly theme: string
  readonly themes: Readonly<Record<'system' | 'light' | 'dark', string>>
  readonly signOut: string
  readonly signIn: string
  readonly welcome: string
  readonly promise: string
  readonly notFound: string
  readonly toOverview: string
  readonly account: (name: string) => string
  readonly zone: (zone: string) => string
  readonly offline: string
  readonly sessionEnded: string
  readonly sessionEnds: (clock: string) => string
  readonly sessionKept: string
  readonly signInAgain: string
  readonly sessionUnused: string
  readonly staySignedIn: string
}

export const appMessages: Messages<Words> = {
  en: {
    nav: {
      overview: 'Overview',
      machines: 'Machines',
      mine: 'My access',
      activity: 'Activity log',
      access: 'Access control',
      settings: 'Settings',
    },
    navigation: 'Main menu',
    openMenu: 'Open the main menu',
    skip: 'Skip to the content',
    language: 'Language',
    theme: 'Theme',
    themes: { system: 'As the system', light: 'Light', dark: 'Dark' },
    signOut: 'Sign out',
    signIn: 'Sign in',
    welcome: 'Just-in-time access',
    promise: 'Management ports are closed. Sign in to open one, for you, for a while.',
    notFound: 'There is no such page',
    toOverview: 'Go to the overview',
    account: (name) => `Signed in as ${name}`,
    zone: (zone) => `Times are in ${zone}`,
    offline: 'The server cannot be reached. What you see may be out of date; holes still close on time.',
    sessionEnded: 'Your session has ended',
    sessionEnds: (clock) => `Your session ends at ${clock}`,
    sessionKept: 'Signing in opens another tab. Come back here afterwards: this page stays as it is.',
    signInAgain: 'Sign in again',
    sessionUnused: 'Nobody has used this page for a while.',
    staySignedIn: 'Stay signed in',
  },
  nl: {
    nav: {
      overview: 'Overzicht',
      machines: 'Machines',
      mine: 'Mijn toegang',
      activity: 'Activiteitenlogboek',
      access: 'Toegangsbeheer',
      settings: 'Instellingen',
    },
    navigation: 'Hoofdmenu',
    openMenu: 'Hoofdmenu openen',
    skip: 'Naar de inhoud',
    language: 'Taal',
    theme: 'Thema',
    themes: { system: 'Zoals het systeem', light: 'Licht', dark: 'Donker' },
    signOut: 'Afmelden',
    signIn: 'Aanmelden',
    welcome: 'Just-in-time-toegang',
    promise: 'Beheerpoorten zijn gesloten. Meld u aan om er een te openen, voor u, voor even.',
    notFound: 'Deze pagina bestaat niet',
    toOverview: 'Naar het overzicht',
    account: (name) => `Aangemeld als ${name}`,
    zone: (zone) => `Tijden zijn in ${zone}`,
    offline: 'De server is niet bereikbaar. Wat u ziet kan verouderd zijn; openingen sluiten toch op tijd.',
    sessionEnded: 'Uw sessie is beëindigd',
    sessionEnds: (clock) => `Uw sessie eindigt om ${clock}`,
    sessionKept: 'Aanmelden gebeurt in een ander tabblad. Kom daarna hier terug: deze pagina blijft zoals zij is.',
    signInAgain: 'Opnieuw aanmelden',
    sessionUnused: 'Deze pagina is een tijd niet gebruikt.',
    staySignedIn: 'Aangemeld blijven',
  },
  'zh-TW': {
    nav: {
      overview: '概觀',
      machines: '機器',
      mine: '我的存取',
      activity: '活動記錄',
      access: '存取控制',
      settings: '設定',
    },
    navigation: '主選單',
    openMenu: '開啟主選單',
    skip: '跳至內容',
    language: '語言',
    theme: '佈景主題',
    themes: { system: '依照系統', light: '淺色', dark: '深色' },
    signOut: '登出',
    signIn: '登入',
    welcome: 'Just-In-Time 存取',
    promise: '管理連接埠平時關閉。登入後，可為自己開啟一段時間。',
    notFound: '沒有這個頁面',
    toOverview: '前往概觀',
    account: (name) => `已登入：${name}`,
    zone: (zone) => `時間以 ${zone} 顯示`,
    offline: '無法連線到伺服器。您看到的內容可能已過時；開放的連接埠仍會準時關閉。',
    sessionEnded: '您的工作階段已結束',
    sessionEnds: (clock) => `您的工作階段將於 ${clock} 結束`,
    sessionKept: '登入會在新的分頁中進行。完成後請回到此處，本頁會保持原狀。',
    signInAgain: '重新登入',
    sessionUnused: '此頁面已有一段時間無人使用。',
    staySignedIn: '保持登入',
  },
}
