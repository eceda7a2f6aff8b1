import { present } from '../../base/assert.ts'
import { offsetAt, offsetByClock, type TimeZone } from './time-zone.ts'
import { zoneNamed } from './zone-names.ts'

/** PostgreSQL's default list: seconds east of Greenwich, with a D in summer, or the zone that says what it meant when. */
const list = `
  EAT:10800 SAST:7200 WAT:3600 ACT:-18000 AKDT:-28800D AKST:-32400
  ART:America/Argentina/Buenos_Aires ARST:America/Argentina/Buenos_Aires BOT:-14400 BRA:-10800
  BRST:-7200D BRT:-10800 COT:-18000 CDT:-18000D CLST:-10800D CLT:America/Santiago CST:-21600
  EDT:-14400D EGST:0D EGT:-3600 EST:-18000 FNT:-7200 FNST:-3600D GFT:-10800 GYT:America/Guyana
  MDT:-21600D MST:-25200 NDT:-9000D NFT:-12600 NST:-12600 PET:-18000 PDT:-25200D PMDT:-7200D
  PMST:-10800 PST:-28800 PYST:-10800D PYT:America/Asuncion UYST:-7200D UYT:-10800
  VET:America/Caracas WGST:-7200D WGT:-10800 DAVT:Antarctica/Davis DDUT:36000
  MAWT:Antarctica/Mawson AFT:16200 ALMT:21600 ALMST:25200D AMST:Asia/Yerevan AMT:-14400
  ANAST:Asia/Anadyr ANAT:Asia/Anadyr AZST:Asia/Baku AZT:Asia/Baku BDT:21600 BNT:28800 BORT:28800
  BTT:21600 CCT:28800 GEST:Asia/Tbilisi GET:Asia/Tbilisi HKT:28800 ICT:25200 IDT:10800D
  IRKST:Asia/Irkutsk IRKT:Asia/Irkutsk IRT:12600 IST:7200 JAYT:32400 JST:32400 KDT:36000D
  KGST:21600D KGT:Asia/Bishkek KRAST:Asia/Krasnoyarsk KRAT:Asia/Krasnoyarsk KST:32400
  LKT:Asia/Colombo MAGST:Asia/Magadan MAGT:Asia/Magadan MMT:23400 MYT:28800
  NOVST:Asia/Novosibirsk NOVT:Asia/Novosibirsk NPT:20700 OMSST:Asia/Omsk OMST:Asia/Omsk
  PETST:Asia/Kamchatka PETT:Asia/Kamchatka PHT:28800 PKT:18000 PKST:21600D SGT:Asia/Singapore
  TJT:18000 TMT:Asia/Ashgabat ULAST:32400D ULAT:Asia/Ulaanbaatar UZST:21600D UZT:18000
  VLAST:Asia/Vladivostok VLAT:Asia/Vladivostok XJT:21600 YAKST:Asia/Yakutsk YAKT:Asia/Yakutsk
  YEKST:21600D YEKT:Asia/Yekaterinburg ADT:-10800D AST:-14400 AZOST:0D AZOT:-3600
  FKST:Atlantic/Stanley FKT:Atlantic/Stanley ACSST:37800D ACDT:37800D ACST:34200 ACWST:31500
  AESST:39600D AEDT:39600D AEST:36000 AWSST:32400D AWST:28800 CADT:37800D CAST:34200
  LHDT:Australia/Lord_Howe LHST:37800 LIGT:36000 NZT:43200 SADT:37800D WADT:28800D WAST:25200
  WDT:32400D GMT:0 UCT:0 UT:0 UTC:0 Z:0 ZULU:0 BST:3600D BDST:7200D CEST:7200D CET:3600
  CETDST:7200D EEST:10800D EET:7200 EETDST:10800D FET:10800 MEST:7200D MESZ:7200D MET:3600
  METDST:7200D MEZ:3600 MSD:14400D MSK:Europe/Moscow VOLT:Europe/Volgograd WET:0 WETDST:3600D
  CXT:25200 IOT:Indian/Chagos MUT:14400 MUST:18000D MVT:18000 RET:14400 SCT:14400 TFT:18000
  CHADT:49500D CHAST:45900 CHUT:36000 CKT:Pacific/Rarotonga EASST:Pacific/Easter
  EAST:Pacific/Easter FJST:46800D FJT:43200 GALT:-21600 GAMT:-32400 GILT:43200 HST:-36000
  KOST:Pacific/Kosrae LINT:Pacific/Kiritimati MART:-34200 MHT:43200 MPT:36000 NUT:Pacific/Niue
  NZDT:46800D NZST:43200 PGT:36000 PONT:39600 PWT:32400 TAHT:-36000 TKT:Pacific/Fakaofo
  TOT:46800 TRUT:36000 TVT:43200 VUT:39600 WAKT:43200 WFT:43200 YAPT:36000
`

/** What an abbreviation of a zone means: always the same, or whatever it meant in a zone. */
export type Abbreviation =
  | { readonly kind: 'fixed'; readonly offset: number; readonly isSummer: boolean }
  | { readonly kind: 'zone'; readonly zone: string }

/** By their names in small letters. */
export const abbreviations: ReadonlyMap<string, Abbreviation> = new Map(
  list
    .split(/\s+/)
    .filter((entry) => entry !== '')
    .map((entry) => {
      const [name = '', meaning = ''] = entry.split(':')
      const isOffset = /^-?\d/.test(meaning)
      const isSummer = meaning.endsWith('D')
      return [
        name.toLowerCase(),
        isOffset
          ? { kind: 'fixed', offset: Number.parseInt(meaning, 10), isSummer }
          : { kind: 'zone', zone: meaning },
      ] as const
    }),
)

/**
 * The offset that an abbreviation of a zone stood for: the last time that it was used there until a moment, else the first time
 * after it; undefined where it never was. See pg_interpret_timezone_abbrev.
 */
export function offsetOfAbbreviation(
  name: string,
  zone: TimeZone,
  seconds: number,
): number | undefined {
  const { starts, offsets } = zone
  const wanted = name.toUpperCase()
  let found: number | undefined
  for (const [index, start] of starts.entries()) {
    const offset = offsets[index] ?? 0
    const at = Math.max(start, index === 0 ? (starts[1] ?? 0) - 1 : start)
    if (zone.calling(at, offset).name.toUpperCase() !== wanted) continue
    if (start > seconds && found !== undefined) return found
    found = offset
    if (start > seconds) return found
  }
  return found
}

/** The offset that an abbreviation stands for at a moment, or, by the clock there, at a local time. */
export function meaningOf(
  name: string,
  abbreviation: Abbreviation,
  seconds: number,
  isLocal: boolean,
): number {
  if (abbreviation.kind === 'fixed') return abbreviation.offset
  const zone = present(zoneNamed(abbreviation.zone), 'zone of an abbreviation')
  const offset = isLocal ? offsetByClock(zone, seconds) : offsetAt(zone, seconds)
  const moment = isLocal ? seconds - offset : seconds
  return offsetOfAbbreviation(name, zone, moment) ?? offset
}
