import { notSupported, QueryError } from '../../base/errors.ts'

/** Zones by their abbreviation: hours east of Greenwich. Those that changed over time are below. */
export const zoneHours: ReadonlyMap<string, number> = new Map(
  (
    'z:0 utc:0 gmt:0 zulu:0 ut:0 wet:0 bst:1 cet:1 met:1 cest:2 eet:2 sast:2 ist:2 eest:3 ' +
    'est:-5 edt:-4 cst:-6 cdt:-5 mst:-7 mdt:-6 pst:-8 pdt:-7 akst:-9 akdt:-8 hst:-10 ' +
    'ast:-4 adt:-3 nst:-3.5 ndt:-2.5 jst:9 kst:9 aest:10 aedt:11 acst:9.5 awst:8 nzst:12 nzdt:13'
  )
    .split(' ')
    .map((entry) => {
      const [name = '', hours] = entry.split(':')
      return [name, Number(hours)] as const
    }),
)

/** Abbreviations that PostgreSQL knows, too. */
const otherZones: ReadonlySet<string> = new Set(
  (
    'acdt acsst act acwst aesst aft almst almt amst amt anast anat arst art awsst azost azot ' +
    'azst azt bdst bdt bnt bort bot bra brst brt btt cadt cast cct cetdst chadt chast chut ckt ' +
    'clst clt cot cxt davt ddut easst east eat eetdst egst egt fet fjst fjt fkst fkt fnst fnt ' +
    'galt gamt gest get gft gilt gyt hkt ict idt iot irkst irkt irt jayt kdt kgst kgt kost ' +
    'krast krat lhdt lhst ligt lint lkt magst magt mart mawt mest mesz metdst mez mht mmt mpt ' +
    'msd msk must mut mvt myt nft novst novt npt nut nzt omsst omst pet petst pett pgt pht pkst ' +
    'pkt pmdt pmst pont pwt pyst pyt ret sadt sct sgt taht tft tjt tkt tmt tot trut tvt uct ' +
    'ulast ulat uyst uyt uzst uzt vet vlast vlat volt vut wadt wakt wast wat wdt wetdst wft ' +
    'wgst wgt xjt yakst yakt yapt yekst yekt'
  ).split(' '),
)

export function isAbbreviation(name: string): boolean {
  return zoneHours.has(name) || otherZones.has(name)
}

/** What a zone's rule is written as, without a name that is looked up: `EST5EDT`, `<+03>-3`. */
const posixRule =
  /^[^-+,\d]*[+-]?\d{1,3}(?::[0-5]?\d){0,2}(?:[^-+,\d]+(?:[+-]?\d{1,3}(?::[0-5]?\d){0,2})?(?:,.*)?)?$|^[a-z_/]+[+-]?\d{1,2}$|^</i

/** The error for a zone that is not followed: only UTC and fixed offsets are; of others PostgreSQL has no name. */
export function zoneError(name: string): QueryError {
  return posixRule.test(name) || isAbbreviation(name.toLowerCase()) || isZone(name)
    ? notSupported(`time zone "${name}"`)
    : new QueryError('INVALID_PARAMETER_VALUE', `time zone "${name}" not recognized`)
}

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions()
    return true
  } catch {
    return false
  }
}
