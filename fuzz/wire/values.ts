import type { Chooser } from '../chooser.ts'

/** A value as a client sends it, in both formats. */
export interface SentValue {
  readonly text: string
  readonly binary: Buffer
}

type MakeValue = (choose: Chooser) => SentValue

/** Random values by the object id of their type; now and then a value that is none. */
export function randomValue(choose: Chooser, oid: number): SentValue {
  const make = makers.get(oid) ?? text
  if (choose.chance(0.95)) return make(choose)
  const junk = choose.pick(['', ' ', 'x', '1', '-', 'null', '\\x1', '1e999', '2024-13-01', '{}'])
  const bytes = choose.some(0, 12, () => choose.between(0, 127))
  return { text: junk, binary: Buffer.from(bytes) }
}

const edges = [0n, 1n, -1n, 127n, -128n, 32_767n, -32_768n, 2_147_483_647n, -2_147_483_648n]
const largeEdges = [2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)]

function integer(bytes: 2 | 4 | 8): MakeValue {
  return (choose) => {
    const all = bytes === 8 ? [...edges, ...largeEdges] : edges
    const wide = choose.chance(0.5) ? choose.pick(all) : BigInt(choose.between(-100_000, 100_000))
    const value = BigInt.asIntN(8 * bytes, wide)
    const binary = Buffer.alloc(8)
    binary.writeBigInt64BE(value)
    return { text: String(value), binary: binary.subarray(8 - bytes) }
  }
}

function float(bytes: 4 | 8): MakeValue {
  return (choose) => {
    const value = choose.pick([0, -0, 1.5, -2.25, 1e20, 1e-20, 0.1, Number.NaN, Infinity, -1e5])
    const own = bytes === 4 ? Math.fround(value) : value
    const binary = Buffer.alloc(bytes)
    if (bytes === 4) binary.writeFloatBE(own)
    else binary.writeDoubleBE(own)
    return { text: Object.is(own, -0) ? '-0' : String(own), binary }
  }
}

function text(choose: Chooser): SentValue {
  const piece = (): string =>
    choose.pick(['a', 'Z', ' ', "'", '"', '\\', 'ä', '€', '😀', '0', '\n'])
  const value = choose.some(0, 12, piece).join('')
  return { text: value, binary: Buffer.from(value) }
}

function bytea(choose: Chooser): SentValue {
  const binary = Buffer.from(choose.some(0, 9, () => choose.between(0, 255)))
  return { text: `\\x${binary.toString('hex')}`, binary }
}

function bool(choose: Chooser): SentValue {
  const value = choose.chance(0.5)
  const words = value ? ['t', 'true', 'yes', 'ON', '1'] : ['f', 'false', 'No', 'off', '0']
  return { text: choose.pick(words), binary: Buffer.from([value ? 1 : 0]) }
}

const dayMillis = 86_400_000
const epoch2000 = Date.UTC(2000, 0, 1)

function days(choose: Chooser): number {
  return choose.between(-40_000, 40_000)
}

function isoDay(day: number): string {
  return new Date(epoch2000 + day * dayMillis).toISOString().slice(0, 10)
}

function date(choose: Chooser): SentValue {
  const day = days(choose)
  const binary = Buffer.alloc(4)
  binary.writeInt32BE(day)
  return { text: isoDay(day), binary }
}

function micros(value: bigint): Buffer {
  const binary = Buffer.alloc(8)
  binary.writeBigInt64BE(value)
  return binary
}

function clock(choose: Chooser): readonly [text: string, micros: bigint] {
  const [hour, minute, second] = [
    choose.between(0, 23),
    choose.between(0, 59),
    choose.between(0, 59),
  ]
  const fraction = choose.chance(0.5) ? 0 : choose.between(0, 999_999)
  const two = (part: number): string => String(part).padStart(2, '0')
  const shown = `${two(hour)}:${two(minute)}:${two(second)}.${String(fraction).padStart(6, '0')}`
  return [shown, BigInt((hour * 60 + minute) * 60 + second) * 1_000_000n + BigInt(fraction)]
}

function time(choose: Chooser): SentValue {
  const [shown, since] = clock(choose)
  return { text: shown, binary: micros(since) }
}

function timestamp(suffix: string): MakeValue {
  return (choose) => {
    const day = days(choose)
    const [shown, since] = clock(choose)
    const binary = micros(BigInt(day) * 86_400_000_000n + since)
    return { text: `${isoDay(day)} ${shown}${suffix}`, binary }
  }
}

function interval(choose: Chooser): SentValue {
  const [months, day] = [choose.between(-30, 30), choose.between(-40, 40)]
  const [shown, since] = clock(choose)
  const rest = Buffer.alloc(8)
  rest.writeInt32BE(day, 0)
  rest.writeInt32BE(months, 4)
  const binary = Buffer.concat([micros(since), rest])
  return { text: `${months} mons ${day} days ${shown}`, binary }
}

/** Digits in groups of four, as PostgreSQL sends them. */
function numeric(choose: Chooser): SentValue {
  const whole = choose.some(1, 4, (at) => choose.between(at === 0 ? 1 : 0, 9_999))
  const fraction = choose.some(0, 2, () => choose.between(0, 9_999))
  const negative = choose.chance(0.4)
  const four = (digits: number): string => String(digits).padStart(4, '0')
  const head = whole.map((digits, at) => (at === 0 ? String(digits) : four(digits))).join('')
  const tail = fraction.length === 0 ? '' : `.${fraction.map(four).join('')}`
  const words = [whole.length + fraction.length, whole.length - 1, negative ? 0x4000 : 0]
  const all = [...words, 4 * fraction.length, ...whole, ...fraction]
  const binary = Buffer.alloc(2 * all.length)
  all.forEach((word, at) => binary.writeUInt16BE(word, 2 * at))
  return { text: `${negative ? '-' : ''}${head}${tail}`, binary }
}

function uuid(choose: Chooser): SentValue {
  const binary = Buffer.from(Array.from({ length: 16 }, () => choose.between(0, 255)))
  const hex = binary.toString('hex')
  const dashed = hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
  return { text: choose.pick([dashed, dashed.toUpperCase(), hex]), binary }
}

const makers: ReadonlyMap<number, MakeValue> = new Map([
  [16, bool],
  [17, bytea],
  [20, integer(8)],
  [21, integer(2)],
  [23, integer(4)],
  [25, text],
  [700, float(4)],
  [701, float(8)],
  [1043, text],
  [1082, date],
  [1083, time],
  [1114, timestamp('')],
  [1184, timestamp('+00')],
  [1186, interval],
  [1700, numeric],
  [2950, uuid],
])

/** Types that a parameter is declared as, by object id. */
export const parameterOids: readonly number[] = [...makers.keys()]
