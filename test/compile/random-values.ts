import type { Random } from '../../src/base/world.ts'
import type { DataType } from '../../src/data/types/data-type.ts'
import type { Scalar } from '../../src/data/types/scalar.ts'

const edges: Readonly<Record<string, readonly Scalar[]>> = {
  int2: [0, 1, -1, 32_767, -32_768],
  int4: [0, 1, -1, 2, 7, 2_147_483_647, -2_147_483_648, 46_341],
  int8: [0n, 1n, -1n, 2n, 2n ** 63n - 1n, -(2n ** 63n), 3_037_000_500n, 2n ** 32n],
  float4: [0, -0, 1, -1.5, Number.NaN, Infinity, -Infinity, 1e38, Math.fround(1e-40)].map((v) =>
    Math.fround(v),
  ),
  float8: [0, -0, 1, -1.5, 2.5, Number.NaN, Infinity, -Infinity, 1e308, 5e-324, 0.1],
  date: [0, -1, 59, 10_957, 11_016, -719_468, 19_782, 20_000, -2_440_588, 2_000_000],
  time: [0n, 1n, 86_399_999_999n, 43_200_000_000n],
  timestamp: [0n, -1n, 1n, 951_782_400_000_000n, -62_135_596_800_000_001n, 1_700_000_000_123_456n],
  text: [
    '',
    'a',
    'abc',
    'abd',
    'ab',
    'ABC',
    'héllo',
    '日本語',
    'a%b',
    '_',
    'x\\y',
    '  pad ',
    '😀b',
    '-17',
    ' +00012 ',
    '9223372036854775808',
    '2024-02-29',
    '2023-02-29',
    '1969-12-31 23:59:59.5',
    '2000-01-01 24:00:00',
    'ǆ ſ İ ɐ ß',
  ],
  bool: [true, false],
}

const jsonTexts = [
  '1',
  ' -1.50 ',
  'null',
  '[ ]',
  '"日\\u0061"',
  '{"a": 1, "a": {"b": 2}}',
  '{"ab": {"c": [true, 3]}, "b": 4}',
  '[1, "x", {"a": [2, {}]}]',
]

const alphabet = ['a', 'b', 'c', '%', '_', ' ', 'é', '日', '😀', 'Z']

/** A random value of a type, edges often, NULL as asked. */
export function randomScalar(random: Random, type: DataType, nullShare: number): Scalar {
  if (random.next() < nullShare) return null
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random.next() * items.length)]!
  if (type.kind === 'decimal') return randomDecimal(random, type.precision)
  if (type.kind === 'enum') {
    return type.labels[Math.floor(random.next() * type.labels.length)]?.code ?? null
  }
  const kind = type.kind === 'timestamptz' ? 'timestamp' : type.kind
  const known = edges[kind]
  if (known !== undefined && random.next() < 0.4) return pick(known)
  const below = (limit: number): number => Math.floor(random.next() * limit)
  switch (kind) {
    case 'bool':
      return random.next() < 0.5
    case 'int2':
      return below(random.next() < 0.5 ? 20 : 65_536) - (random.next() < 0.5 ? 10 : 32_768)
        ? below(200) - 100
        : 0
    case 'int4':
      return random.next() < 0.5 ? below(200) - 100 : below(2 ** 32) - 2 ** 31
    case 'int8':
      return random.next() < 0.5 ? BigInt(below(200) - 100) : randomBits(random, 64)
    case 'float4':
      return Math.fround((random.next() - 0.5) * 10 ** below(10))
    case 'float8':
      return (random.next() - 0.5) * 10 ** below(20)
    case 'date':
      return below(40_000) - 10_000
    case 'time':
      return BigInt(below(86_400)) * 1_000_000n + BigInt(below(1_000_000))
    case 'timestamp':
      return BigInt(below(4_000_000_000) - 1_000_000_000) * 1_000_000n + BigInt(below(1_000_000))
    case 'interval':
      return {
        months: below(40) - 20,
        days: below(60) - 30,
        micros: BigInt(below(200_000) - 100_000) * 1_000_003n,
      }
    case 'numeric':
      return { unscaled: randomBits(random, below(8) === 0 ? 300 : 60), scale: below(10) }
    case 'timetz':
      return ['10:00:00+02', '08:00:00+00', '24:00:00+00', '00:00:00-15:59:59'][below(4)]!
    case 'oid':
    case 'reg':
      return BigInt(below(7))
    case 'bpchar':
      return ['', 'a', 'a ', 'ab', 'b   '][below(5)]!
    case 'json':
      return jsonTexts[below(jsonTexts.length)]!
    case 'jsonb':
      return ['1', '1.0', 'null', '[]', '{"a": 1}', '[1, "x"]'][below(6)]!
    case 'array':
      return ['{}', '{1.0}', '{1.00}', '{1,NULL}', '{{2}}', '[0:0]={1}'][below(6)]!
    case 'record':
      return ['(1)', '()', '(-7)'][below(3)]!
    case 'range':
      return ['empty', '[1,5)', '(,3)'][below(3)]!
    case 'multirange':
      return ['{}', '{[1,5)}', '{(,3),[7,)}'][below(3)]!
    case 'bit':
    case 'varbit':
      return Array.from({ length: below(12) }, () => pick(['0', '1'])).join('')
    case 'uuid':
      return below(3) === 0 ? BigInt(below(3)) : randomBits(random, 128)
    case 'bytea':
      return Uint8Array.from({ length: below(10) }, () => below(256))
    default:
      return Array.from({ length: below(below(4) === 0 ? 40 : 6) }, () => pick(alphabet)).join('')
  }
}

function randomBits(random: Random, bits: number): bigint {
  let value = 0n
  for (let done = 0; done < bits; done += 32) {
    value = (value << 32n) | BigInt(Math.floor(random.next() * 2 ** 32))
  }
  return BigInt.asIntN(bits, value)
}

function randomDecimal(random: Random, precision: number): bigint {
  const limit = 10n ** BigInt(precision)
  if (random.next() < 0.15) return limit - 1n
  if (random.next() < 0.15) return 1n - limit
  if (random.next() < 0.2) return 0n
  const digits = 1 + Math.floor(random.next() * precision)
  return randomBits(random, 160) % 10n ** BigInt(digits)
}
