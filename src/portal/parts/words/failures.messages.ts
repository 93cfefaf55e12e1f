/** Why access could not be opened, by the code of the failure. English is the server's own sentence. */
import { FAILURE_SENTENCES, type FailureCode } from '../../../domain/access/failure.ts'
import type { Messages } from '../../language.tsx'

export const failureMessages: Messages<Readonly<Record<FailureCode, string>>> = {
  en: FAILURE_SENTENCES,
  nl: {
    HostWasAway:
      'host {host} was onbereikbaar van {since:moment} tot het einde van de toegang: zij is nooit open gezien',
    HostCannot: 'de host meldt: {says:quote}',
    PortNotProtected:
      'poort {port} van deze host is niet beschermd, dus er is niets te openen; bescherm haar eerst met een beleid',
    NotBehindGateway: '{machine} staat niet (meer) achter deze host: er is niets te openen',
    TooManyHoles: 'deze host draagt hoogstens {most} openingen van één prefixlengte; sluit er eerst een paar',
    NoAddressOfFamily:
      '{port} op {machine} kan niet worden geopend voor {source:word}: {machine} heeft geen {families}-adres achter deze gateway; vraag aan vanaf een adres van de andere soort',
    ForwardingOff:
      '{port} op {machine} kan niet worden geopend voor {source:word}: {settings} is 0 op deze gateway, dus niets bereikt de machines erachter; zet het aan: {command}',
    NoMappedPort:
      '{port} op {machine} kan niet worden geopend voor {source:word}: elke poort van {from} tot {to} is op deze gateway in gebruik; sluit wat niet nodig is, of geef hem een ruimer bereik',
    NoPrivateAddress:
      '{port} op {machine} kan niet worden geopend voor {source:word}: {machine} heeft geen privéadres achter deze netwerkbeveiligingsgroep',
    NoPrivateAddressOfFamily:
      '{port} op {machine} kan niet worden geopend voor {source:word}: {machine} heeft geen privéadres ({family}) achter deze netwerkbeveiligingsgroep',
    TooManyRules:
      '{port} op {machine} kan niet worden geopend voor {source:word}: de netwerkbeveiligingsgroep is vol; sluit wat niet nodig is',
    DeniedByAnotherRule:
      '{port} op {machine} kan niet worden geopend voor {source:word}: regel ‘{rule}’ op {priority} weigert het eerst en daarboven is geen nummer vrij; verplaats die regel omlaag',
    NoFreePriority:
      '{port} op {machine} kan niet worden geopend voor {source:word}: boven de regel die beschermt, is geen prioriteit van {first} tot {last} vrij; sluit wat niet nodig is of verplaats andere regels omlaag',
    NoSecurityGroup: 'netwerkbeveiligingsgroep {group} is verwijderd; er is niets te openen',
    MachineGone:
      '{machine} is verwijderd: naar de adressen ervan wordt niets geopend voordat de verbinding opnieuw is gelezen',
    MachineRemade:
      '{machine} is verwijderd en opnieuw gemaakt: naar de adressen ervan wordt niets geopend voordat de verbinding opnieuw is gelezen',
    NoAddressToTranslate:
      '{port} op {machine} kan niet worden geopend voor {source:word}: de machine heeft geen privé-IPv4-adres waarnaar de firewall kan vertalen',
    FirewallWithoutIpv6:
      '{port} op {machine} kan niet worden geopend voor {source:word}: Azure Firewall vertaalt alleen IPv4; vraag aan vanaf een IPv4-adres',
    FirewallFull:
      '{port} op {machine} kan niet worden geopend voor {source:word}: de firewall heeft geen ruimte voor nog een vertaling (hoogstens {most}, met de openbare adressen erbij); sluit wat niet nodig is',
    NoFirewall: 'firewall {firewall} is verwijderd; er is niets te openen',
    FirewallPolicy:
      'firewall {firewall} wordt beheerd door beleid {policy}; sta verbinding ‘{connection}’ eerst toe om beleid te wijzigen',
    TooManySecurityGroups:
      '{machine} kan niet worden geopend: een netwerkinterface ervan heeft {limit} beveiligingsgroepen, zoveel als mag; haal er een af, of vraag AWS het quotum ‘Security groups per network interface’ te verhogen',
    TooManyOpenings:
      'poort {port} van {machine} kan niet worden geopend: er zijn al {limit} openingen voor {families}, zoveel als een beveiligingsgroep regels mag hebben; sluit wat niet nodig is, of vraag AWS het quotum ‘Inbound or outbound rules per security group’ te verhogen',
    NotProtectedHere:
      '{machine} is hier niet beschermd: geen beleid noemt de machine, zij heeft geen netwerkinterface in deze VPC, of een quotum is te klein; er is niets te openen',
  },
  'zh-TW': {
    HostWasAway: '從 {since:moment} 到存取結束，都無法連線到主機 {host}：從未觀察到存取開啟',
    HostCannot: '主機回報：{says:quote}',
    PortNotProtected: '此主機的連接埠 {port} 未受保護，因此沒有可開啟的項目；請先以原則保護它',
    NotBehindGateway: '{machine} 已不在此主機後方：沒有可開啟的項目',
    TooManyHoles: '此主機對同一首碼長度最多可開啟 {most} 個存取；請先關閉一些',
    NoAddressOfFamily:
      '無法對 {source:word} 開啟 {machine} 的 {port}：{machine} 在此閘道後方沒有 {families} 位址；請改由另一種位址提出要求',
    ForwardingOff:
      '無法對 {source:word} 開啟 {machine} 的 {port}：此閘道的 {settings} 為 0，因此無法到達後方的機器；請設定：{command}',
    NoMappedPort:
      '無法對 {source:word} 開啟 {machine} 的 {port}：此閘道從 {from} 到 {to} 的連接埠都已使用；請關閉不需要的存取，或設定較大的範圍',
    NoPrivateAddress: '無法對 {source:word} 開啟 {machine} 的 {port}：{machine} 在此網路安全性群組後方沒有私人位址',
    NoPrivateAddressOfFamily:
      '無法對 {source:word} 開啟 {machine} 的 {port}：{machine} 在此網路安全性群組後方沒有 {family} 私人位址',
    TooManyRules: '無法對 {source:word} 開啟 {machine} 的 {port}：網路安全性群組已滿；請關閉不需要的存取',
    DeniedByAnotherRule:
      '無法對 {source:word} 開啟 {machine} 的 {port}：優先順序 {priority} 的規則「{rule}」會先拒絕，而其上沒有可用的號碼；請將該規則下移',
    NoFreePriority:
      '無法對 {source:word} 開啟 {machine} 的 {port}：在保護它的規則之上，從 {first} 到 {last} 沒有可用的優先順序；請關閉不需要的存取，或將其他規則下移',
    NoSecurityGroup: '網路安全性群組 {group} 已刪除；沒有可開啟的項目',
    MachineGone: '{machine} 已刪除：在重新讀取其連線之前，不會對其位址開啟任何存取',
    MachineRemade: '{machine} 已刪除並重新建立：在重新讀取其連線之前，不會對其位址開啟任何存取',
    NoAddressToTranslate: '無法對 {source:word} 開啟 {machine} 的 {port}：這部機器沒有防火牆可轉譯的私人 IPv4 位址',
    FirewallWithoutIpv6:
      '無法對 {source:word} 開啟 {machine} 的 {port}：Azure 防火牆只轉譯 IPv4；請由 IPv4 位址提出要求',
    FirewallFull:
      '無法對 {source:word} 開啟 {machine} 的 {port}：防火牆沒有空間新增轉譯 (連同公用位址最多 {most} 個)；請關閉不需要的存取',
    NoFirewall: '防火牆 {firewall} 已刪除；沒有可開啟的項目',
    FirewallPolicy: '防火牆 {firewall} 由原則 {policy} 管理；請先允許連線「{connection}」變更原則',
    TooManySecurityGroups:
      '無法開啟 {machine}：它的一個網路介面已有 {limit} 個安全性群組，達到上限；請移除一個，或請 AWS 提高配額「Security groups per network interface」',
    TooManyOpenings:
      '無法開啟 {machine} 的連接埠 {port}：{families} 已有 {limit} 個存取，達到安全性群組的規則上限；請關閉不需要的存取，或請 AWS 提高配額「Inbound or outbound rules per security group」',
    NotProtectedHere: '{machine} 在此未受保護：沒有原則指定它、它在此 VPC 沒有網路介面，或配額太小；沒有可開啟的項目',
  },
}
