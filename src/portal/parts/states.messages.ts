import type { Messages } from '../language.tsx'

interface Words {
  readonly loading: string
  readonly tryAgain: string
  readonly signIn: string
  readonly titles: Readonly<Record<'offline' | 'signed-out' | 'refused' | 'missing' | 'conflict' | 'failed', string>>
  readonly remedies: Readonly<Record<'offline' | 'signed-out' | 'refused' | 'missing' | 'conflict' | 'failed', string>>
}

export const stateMessages: Messages<Words> = {
  en: {
    loading: 'Loading…',
    tryAgain: 'Try again',
    signIn: 'Sign in again',
    titles: {
      offline: 'The server cannot be reached',
      'signed-out': 'Your session has ended',
      refused: 'You do not have permission for this',
      missing: 'This does not exist, or you may not see it',
      conflict: 'Somebody changed this meanwhile',
      failed: 'This did not work',
    },
    remedies: {
      offline: 'Holes still close on time. Check your connection; this page tries again by itself.',
      'signed-out': 'Sign in again to go on where you were.',
      refused: 'Ask an administrator for a role with the right that is named below.',
      missing: 'It may have been removed, or named differently.',
      conflict: 'Look at the present state, then make your change again.',
      failed: 'Nothing was changed. The reason is below.',
    },
  },
  nl: {
    loading: 'Laden…',
    tryAgain: 'Opnieuw proberen',
    signIn: 'Opnieuw aanmelden',
    titles: {
      offline: 'De server is niet bereikbaar',
      'signed-out': 'Uw sessie is beëindigd',
      refused: 'U hebt hier geen rechten voor',
      missing: 'Dit bestaat niet, of u mag het niet zien',
      conflict: 'Iemand anders heeft dit intussen gewijzigd',
      failed: 'Dit is niet gelukt',
    },
    remedies: {
      offline: 'Openingen sluiten toch op tijd. Controleer uw verbinding; deze pagina probeert het vanzelf opnieuw.',
      'signed-out': 'Meld u opnieuw aan om verder te gaan waar u was.',
      refused: 'Vraag een beheerder om een rol met het recht dat hieronder staat.',
      missing: 'Misschien is het verwijderd of heeft het een andere naam.',
      conflict: 'Bekijk de huidige stand en maak uw wijziging opnieuw.',
      failed: 'Er is niets gewijzigd. De reden staat hieronder.',
    },
  },
  'zh-TW': {
    loading: '載入中…',
    tryAgain: '再試一次',
    signIn: '重新登入',
    titles: {
      offline: '無法連線到伺服器',
      'signed-out': '您的工作階段已結束',
      refused: '您沒有這項權限',
      missing: '此項目不存在，或您無權檢視',
      conflict: '其他人在此期間變更了這個項目',
      failed: '作業未成功',
    },
    remedies: {
      offline: '開放的連接埠仍會準時關閉。請檢查網路連線；本頁會自動重試。',
      'signed-out': '請重新登入，以便從中斷處繼續。',
      refused: '請向系統管理員申請具有下列權限的角色。',
      missing: '它可能已被移除或改名。',
      conflict: '請查看目前狀態，再重新變更。',
      failed: '沒有任何變更。原因如下。',
    },
  },
}
