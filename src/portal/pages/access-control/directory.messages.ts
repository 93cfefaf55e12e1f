import type { Messages } from '../../language.tsx'

type UserDeed = 'disable' | 'enable' | 'reset-password' | 'sign-out' | 'set-code' | 'remove-code' | 'remove'

interface Words {
  readonly users: string
  readonly groups: string
  readonly programs: string
  readonly name: string
  readonly displayName: string
  readonly userNameHint: string
  readonly state: string
  readonly active: string
  readonly disabled: string
  readonly mustChange: string
  readonly code: string
  readonly yes: string
  readonly no: string
  readonly made: string
  readonly actions: string
  readonly actionsOf: (name: string) => string
  readonly make: string
  readonly add: string
  readonly remove: string
  readonly newUser: string
  readonly searchUsers: string
  readonly noUsers: string
  readonly passwordOf: (name: string) => string
  readonly keyOf: (name: string) => string
  readonly handOver: string
  readonly userDeeds: Readonly<Record<UserDeed, string>>
  readonly userQuestion: (deed: string, name: string) => string
  readonly userConsequences: Readonly<Record<UserDeed, string>>
  readonly newGroup: string
  readonly searchGroups: string
  readonly noGroups: string
  readonly members: string
  readonly member: string
  readonly membersOf: (group: string) => string
  readonly removeMember: (member: string, group: string) => string
  readonly removeMemberText: string
  readonly addMember: string
  readonly addMemberTo: (group: string) => string
  readonly removeGroup: (group: string) => string
  readonly removeGroupText: string
  readonly newProgram: string
  readonly searchPrograms: string
  readonly noPrograms: string
  readonly clientId: string
  readonly tenant: string
  readonly credentials: string
  readonly noCredentials: string
  readonly credentialKinds: Readonly<Record<'secret' | 'certificate' | 'federated', string>>
  readonly credentialFields: Readonly<Record<'days' | 'issuer' | 'subject' | 'audience', string>>
  readonly kind: string
  readonly pem: string
  readonly pemHint: string
  readonly issuerHint: string
  readonly until: (moment: string) => string
  readonly addCredential: string
  readonly addCredentialTo: (program: string) => string
  readonly removeCredential: (hint: string) => string
  readonly removeCredentialText: string
  readonly removeProgram: (program: string) => string
  readonly removeProgramText: string
}

export const directoryMessages: Messages<Words> = {
  en: {
    users: 'Users',
    groups: 'Groups',
    programs: 'Service principals',
    name: 'Name',
    displayName: 'Display name',
    userNameHint: 'What they sign in with, such as an e-mail address',
    state: 'State',
    active: 'Active',
    disabled: 'Disabled',
    mustChange: 'Must choose a password',
    code: 'One-time code',
    yes: 'Yes',
    no: 'No',
    made: 'Created',
    actions: 'Actions',
    actionsOf: (name) => `Actions for ${name}`,
    make: 'Create',
    add: 'Add',
    remove: 'Remove',
    newUser: 'New user',
    searchUsers: 'Search users',
    noUsers: 'No users of this installation are like that',
    passwordOf: (name) => `First password of ${name}`,
    keyOf: (name) => `Key of ${name} for an authenticator app`,
    handOver: 'Hand this over',
    userDeeds: {
      disable: 'Disable',
      enable: 'Enable',
      'reset-password': 'Reset the password',
      'sign-out': 'Sign out everywhere',
      'set-code': 'New one-time code',
      'remove-code': 'Ask for no one-time code',
      remove: 'Remove',
    },
    userQuestion: (deed, name) => `${deed}: ${name}`,
    userConsequences: {
      disable: 'They are signed out everywhere and can no longer sign in. What they opened stays open until its end.',
      enable: 'They can sign in again.',
      'reset-password': 'They are signed out, get a new first password, and choose their own at the next sign-in.',
      'sign-out': 'Every browser and program that they are signed in with must sign in again.',
      'set-code': 'The codes of their present authenticator app no longer work.',
      'remove-code': 'A password alone will be enough to sign in.',
      remove:
        'They can no longer sign in, and their role assignments lead nowhere. The activity log keeps what they did.',
    },
    newGroup: 'New group',
    searchGroups: 'Search groups',
    noGroups: 'No groups of this installation are like that',
    members: 'Members',
    member: 'Member',
    membersOf: (group) => `Members of ${group}`,
    removeMember: (member, group) => `Remove ${member} from ${group}`,
    removeMemberText: 'The member loses the roles that the group gives, at once.',
    addMember: 'Add a member',
    addMemberTo: (group) => `Add a member to ${group}`,
    removeGroup: (group) => `Remove ${group}`,
    removeGroupText: 'Its members lose the roles that they hold through it.',
    newProgram: 'New service principal',
    searchPrograms: 'Search service principals',
    noPrograms: 'No service principals of this installation are like that',
    clientId: 'Client id',
    tenant: 'Tenant',
    credentials: 'Credentials',
    noCredentials: 'None: it cannot sign in',
    credentialKinds: { secret: 'Client secret', certificate: 'Certificate', federated: 'Federated' },
    credentialFields: {
      days: 'Valid for (days, up to 730)',
      issuer: 'Issuer',
      subject: 'Subject',
      audience: 'Audience',
    },
    kind: 'Kind',
    pem: 'Certificate (PEM)',
    pemHint: 'Only the certificate; the private key stays with the program',
    issuerHint: 'The URL of the issuer whose tokens are trusted',
    until: (moment) => `until ${moment}`,
    addCredential: 'Add a credential',
    addCredentialTo: (program) => `Add a credential to ${program}`,
    removeCredential: (hint) => `Remove credential ${hint}`,
    removeCredentialText: 'Whatever signs in with it no longer can.',
    removeProgram: (program) => `Remove ${program}`,
    removeProgramText: 'Whatever signs in with it no longer can, and its role assignments lead nowhere.',
  },
  nl: {
    users: 'Gebruikers',
    groups: 'Groepen',
    programs: 'Service-principals',
    name: 'Naam',
    displayName: 'Weergavenaam',
    userNameHint: 'Waarmee zij zich aanmelden, zoals een e-mailadres',
    state: 'Status',
    active: 'Actief',
    disabled: 'Uitgeschakeld',
    mustChange: 'Moet een wachtwoord kiezen',
    code: 'Eenmalige code',
    yes: 'Ja',
    no: 'Nee',
    made: 'Gemaakt',
    actions: 'Acties',
    actionsOf: (name) => `Acties voor ${name}`,
    make: 'Maken',
    add: 'Toevoegen',
    remove: 'Verwijderen',
    newUser: 'Nieuwe gebruiker',
    searchUsers: 'Gebruikers zoeken',
    noUsers: 'Deze installatie heeft geen gebruikers die daarop lijken',
    passwordOf: (name) => `Eerste wachtwoord van ${name}`,
    keyOf: (name) => `Sleutel van ${name} voor een verificatie-app`,
    handOver: 'Geef dit door',
    userDeeds: {
      disable: 'Uitschakelen',
      enable: 'Inschakelen',
      'reset-password': 'Wachtwoord opnieuw instellen',
      'sign-out': 'Overal afmelden',
      'set-code': 'Nieuwe eenmalige code',
      'remove-code': 'Geen eenmalige code vragen',
      remove: 'Verwijderen',
    },
    userQuestion: (deed, name) => `${deed}: ${name}`,
    userConsequences: {
      disable:
        'De gebruiker wordt overal afgemeld en kan zich niet meer aanmelden. Wat al open is, blijft open tot het einde.',
      enable: 'De gebruiker kan zich weer aanmelden.',
      'reset-password':
        'De gebruiker wordt afgemeld, krijgt een nieuw eerste wachtwoord en kiest bij de volgende aanmelding een eigen wachtwoord.',
      'sign-out': 'Elke browser en elk programma waarmee de gebruiker is aangemeld, moet zich opnieuw aanmelden.',
      'set-code': 'De codes van de huidige verificatie-app werken dan niet meer.',
      'remove-code': 'Een wachtwoord is dan genoeg om zich aan te melden.',
      remove:
        'De gebruiker kan zich niet meer aanmelden en de roltoewijzingen leiden nergens meer toe. Het activiteitenlogboek bewaart wat er is gedaan.',
    },
    newGroup: 'Nieuwe groep',
    searchGroups: 'Groepen zoeken',
    noGroups: 'Deze installatie heeft geen groepen die daarop lijken',
    members: 'Leden',
    member: 'Lid',
    membersOf: (group) => `Leden van ${group}`,
    removeMember: (member, group) => `${member} verwijderen uit ${group}`,
    removeMemberText: 'Het lid verliest meteen de rollen die de groep geeft.',
    addMember: 'Lid toevoegen',
    addMemberTo: (group) => `Lid toevoegen aan ${group}`,
    removeGroup: (group) => `Verwijderen: ${group}`,
    removeGroupText: 'De leden verliezen de rollen die zij via deze groep hebben.',
    newProgram: 'Nieuwe service-principal',
    searchPrograms: 'Service-principals zoeken',
    noPrograms: 'Deze installatie heeft geen service-principals die daarop lijken',
    clientId: 'Client-id',
    tenant: 'Tenant',
    credentials: 'Referenties',
    noCredentials: 'Geen: aanmelden is niet mogelijk',
    credentialKinds: { secret: 'Clientgeheim', certificate: 'Certificaat', federated: 'Federatief' },
    credentialFields: {
      days: 'Geldig (dagen, hoogstens 730)',
      issuer: 'Uitgever',
      subject: 'Onderwerp',
      audience: 'Doelgroep',
    },
    kind: 'Soort',
    pem: 'Certificaat (PEM)',
    pemHint: 'Alleen het certificaat; de persoonlijke sleutel blijft bij het programma',
    issuerHint: 'De URL van de uitgever waarvan tokens worden vertrouwd',
    until: (moment) => `tot ${moment}`,
    addCredential: 'Referentie toevoegen',
    addCredentialTo: (program) => `Referentie toevoegen aan ${program}`,
    removeCredential: (hint) => `Referentie ${hint} verwijderen`,
    removeCredentialText: 'Wat zich hiermee aanmeldt, kan dat daarna niet meer.',
    removeProgram: (program) => `Verwijderen: ${program}`,
    removeProgramText:
      'Wat zich hiermee aanmeldt, kan dat daarna niet meer, en de roltoewijzingen leiden nergens meer toe.',
  },
  'zh-TW': {
    users: '使用者',
    groups: '群組',
    programs: '服務主體',
    name: '名稱',
    displayName: '顯示名稱',
    userNameHint: '用來登入的名稱，例如電子郵件地址',
    state: '狀態',
    active: '使用中',
    disabled: '已停用',
    mustChange: '必須設定密碼',
    code: '一次性驗證碼',
    yes: '是',
    no: '否',
    made: '建立時間',
    actions: '動作',
    actionsOf: (name) => `${name} 的動作`,
    make: '建立',
    add: '新增',
    remove: '移除',
    newUser: '新增使用者',
    searchUsers: '搜尋使用者',
    noUsers: '此安裝沒有符合的使用者',
    passwordOf: (name) => `${name} 的初始密碼`,
    keyOf: (name) => `${name} 的驗證器應用程式金鑰`,
    handOver: '請交給使用者',
    userDeeds: {
      disable: '停用',
      enable: '啟用',
      'reset-password': '重設密碼',
      'sign-out': '從所有裝置登出',
      'set-code': '重新設定一次性驗證碼',
      'remove-code': '不再要求一次性驗證碼',
      remove: '移除',
    },
    userQuestion: (deed, name) => `${deed}：${name}`,
    userConsequences: {
      disable: '該使用者會從所有裝置登出，且無法再登入。已開放的連接埠會維持到時間結束。',
      enable: '該使用者可以再次登入。',
      'reset-password': '該使用者會被登出並取得新的初始密碼，下次登入時須自行設定密碼。',
      'sign-out': '該使用者已登入的所有瀏覽器與程式都必須重新登入。',
      'set-code': '目前驗證器應用程式的驗證碼將失效。',
      'remove-code': '之後只需密碼即可登入。',
      remove: '該使用者無法再登入，其角色指派也會失效。活動記錄會保留其過去的動作。',
    },
    newGroup: '新增群組',
    searchGroups: '搜尋群組',
    noGroups: '此安裝沒有符合的群組',
    members: '成員',
    member: '成員',
    membersOf: (group) => `${group} 的成員`,
    removeMember: (member, group) => `將 ${member} 從 ${group} 移除`,
    removeMemberText: '該成員將立即失去此群組所賦予的角色。',
    addMember: '新增成員',
    addMemberTo: (group) => `將成員新增至 ${group}`,
    removeGroup: (group) => `移除 ${group}`,
    removeGroupText: '成員將失去透過此群組取得的角色。',
    newProgram: '新增服務主體',
    searchPrograms: '搜尋服務主體',
    noPrograms: '此安裝沒有符合的服務主體',
    clientId: '用戶端識別碼',
    tenant: '租用戶',
    credentials: '認證',
    noCredentials: '無：無法登入',
    credentialKinds: { secret: '用戶端密碼', certificate: '憑證', federated: '同盟' },
    credentialFields: { days: '有效天數 (最多 730)', issuer: '簽發者', subject: '主體', audience: '對象' },
    kind: '種類',
    pem: '憑證 (PEM)',
    pemHint: '僅需憑證；私密金鑰由程式自行保管',
    issuerHint: '受信任權杖之簽發者的 URL',
    until: (moment) => `${moment} 到期`,
    addCredential: '新增認證',
    addCredentialTo: (program) => `將認證新增至 ${program}`,
    removeCredential: (hint) => `移除認證 ${hint}`,
    removeCredentialText: '使用此認證的程式將無法再登入。',
    removeProgram: (program) => `移除 ${program}`,
    removeProgramText: '使用它的程式將無法再登入，其角色指派也會失效。',
  },
}
