import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { QueryError } from '../../../src/base/errors.ts'
import { seededRandom, type Random } from '../../../src/base/world.ts'
import { duckdb, environment, fileEntry, readAll, scanOf } from './reading.ts'

const folder = mkdtempSync(join(tmpdir(), 'heddle-corrupt-'))
afterAll(() => rmSync(folder, { recursive: true }))

const env = environment()

const select = `select i % 7 as small, i * 1000003 as big, case when i % 4 > 0 then i * 0.5 end as price,
  'w' || (i % 9) as word, case when i % 3 > 0 then 'text ' || (i * 7919 % 1000) || repeat('ab', i::integer % 9) end as text,
  i % 2 = 0 as flag, (i / 3)::double as number, (i * 1000000000000::hugeint)::decimal(30, 2) as huge,
  timestamp '2020-01-01' + to_seconds(i) as moment, md5(i::varchar)::uuid as id
  from range(700) t(i)`

/** Small, so that much of the damage is among the levels. */
const lists = `select case when i % 5 > 0 then [i, null, i * 3][1:i % 4] end as xs,
  case when i % 3 > 0 then list_transform(range(i % 6), x -> 'w' || (x * 7 % 5)) end as ws
  from range(120) t(i)`

const variants = [
  ['compression snappy', select],
  ['compression zstd', select],
  ['compression lz4_raw', select],
  ['compression gzip', select],
  ['compression uncompressed', select],
  ['compression zstd, parquet_version v2, dictionary_size_limit 1', select],
  ['compression uncompressed, parquet_version v2, dictionary_size_limit 1', select],
  ['compression snappy, row_group_size 2048, dictionary_size_limit 1', select],
  ['compression uncompressed, parquet_version v1', lists],
  ['compression uncompressed, parquet_version v2', lists],
] as const

/** What a damaged file may end in: its values (damage is not always seen) or an error that names it. */
async function outcome(path: string): Promise<string> {
  try {
    readAll(env, await scanOf([fileEntry(path)]))
    return 'values'
  } catch (error) {
    if (!(error instanceof QueryError)) throw error
    if (error.code === 'BAD_FILE') expect(error.details.file ?? '').toBe(path)
    return error.code
  }
}

function flipBits(random: Random, bytes: Uint8Array, flips: number): Uint8Array {
  const damaged = bytes.slice()
  for (let i = 0; i < flips; i++) {
    const at = Math.floor(random.next() * damaged.length)
    damaged[at] = (damaged[at] ?? 0) ^ (1 << Math.floor(random.next() * 8))
  }
  return damaged
}

function damage(random: Random, bytes: Uint8Array): Uint8Array {
  const kind = random.next()
  if (kind < 0.1) return bytes.slice(0, Math.floor(random.next() * bytes.length))
  if (kind < 0.8) return flipBits(random, bytes, 1 + Math.floor(random.next() * 3))
  // A run of bytes overwritten with one byte: lengths and counts become extreme.
  const damaged = bytes.slice()
  const at = Math.floor(random.next() * bytes.length)
  damaged.fill(random.next() < 0.5 ? 0xff : 0x00, at, at + 1 + Math.floor(random.next() * 8))
  return damaged
}

const allowed = new Set(['values', 'BAD_FILE', 'FEATURE_NOT_SUPPORTED', 'OUT_OF_MEMORY'])

describe('damaged files give an error that names them, or values; never anything else', () => {
  test.each(variants.map(([options, query], index) => [options, index + 1, query] as const))(
    '%s (seed %i)',
    async (options, seed, query) => {
      const connection = await duckdb()
      const sound = join(folder, `${seed}.parquet`)
      await connection.run(`copy (${query}) to '${sound}' (format parquet, ${options})`)
      const bytes = new Uint8Array(readFileSync(sound))
      const random = seededRandom(seed)
      const seen = new Map<string, number>()
      for (let round = 0; round < 250; round++) {
        const path = join(folder, `${seed}-${round}.parquet`)
        writeFileSync(path, damage(random, bytes))
        const result = await outcome(path)
        expect(allowed, `seed ${seed}, round ${round}`).toContain(result)
        expect(env.heap.bytesInUse, `seed ${seed}, round ${round}`).toBe(0)
        seen.set(result, (seen.get(result) ?? 0) + 1)
        rmSync(path)
      }
      expect(seen.get('BAD_FILE') ?? 0, JSON.stringify([...seen])).toBeGreaterThan(50)
    },
  )
})
