import type {
  DateOrder,
  DateStyle,
  IntervalStyle,
  Locale,
} from '../../data/types/datetime/locale.ts'
import { utc } from '../../data/zones/time-zone.ts'
import { zoneNamed } from '../../data/zones/zone-names.ts'
import type { SessionSettings } from './settings.ts'

/** How a session with these settings reads and writes dates and times. */
export function localeOfSettings(settings: SessionSettings): Locale {
  const [dateStyle, dateOrder] = settings.get('datestyle').split(', ')
  return {
    zone: zoneNamed(settings.get('timezone')) ?? utc,
    dateStyle: dateStyle as DateStyle,
    dateOrder: dateOrder as DateOrder,
    intervalStyle: settings.get('intervalstyle') as IntervalStyle,
  }
}
