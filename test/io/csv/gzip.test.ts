import { deflateRawSync, gzipSync, constants } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { QueryError } from '../../../src/base/errors.ts'
import { seededRandom, type Random } from '../../../src/base/world.ts'
import { int4, text } from '../../../src/data/types/data-type.ts'
import { inspectCsv } from '../../../src/io/formats/csv/inspect.ts'
import { openGzip } from '../../../src/io/formats/gzip-source.ts'
import type { FileOptions } from '../../../src/plan/catalog/catalog.ts'
import { env, heap, inspect, readRows, readText, scanRequest, writeFile } from './read-csv.ts'

function inflateAll(bytes: Uint8Array, piece = 100_000): Uint8Array {
  const before = heap.bytesInUse
  const source = openGzip(writeFile(bytes, 'gz'), env)
  const pieces: Uint8Array[] = []
  try {
    for (let offset = 0; ;) {
      const buffer = new Uint8Array(piece)
      const got = source.read(buffer, 0, piece, offset)
      pieces.push(buffer.subarray(0, got))
      offset += got
      if (got < piece) return Buffer.concat(pieces)
    }
  } finally {
    source.close()
    expect(heap.bytesInUse).toBe(before)
  }
}

function randomBytes({ next }: Random, length: number, alphabet: number): Uint8Array {
  const bytes = new Uint8Array(length)
  for (let at = 0; at < length;) {
    const copied = Math.floor(next() * 300)
    if (at > 40_000 && next() < 0.3) {
      const from = at - 1 - Math.floor(next() * 32_768)
      for (let i = 0; i < copied && at < length; i++) bytes[at++] = bytes[from + i]!
    } else bytes[at++] = Math.floor(next() * alphabet)
  }
  return bytes
}

describe('inflate gives back what zlib deflated', () => {
  const { Z_FIXED, Z_HUFFMAN_ONLY, Z_RLE, Z_DEFAULT_STRATEGY } = constants
  const strategies = [Z_DEFAULT_STRATEGY, Z_FIXED, Z_HUFFMAN_ONLY, Z_RLE]
  const cases = strategies.flatMap((strategy) =>
    [0, 1, 6, 9].flatMap((level) => [1, 7, 256].map((alphabet) => ({ strategy, level, alphabet }))),
  )
  test.each(cases)('%o', ({ strategy, level, alphabet }) => {
    const random = seededRandom(level * 31 + strategy * 7 + alphabet)
    for (const length of [0, 1, 1000, 900_000]) {
      const data = randomBytes(random, length, alphabet)
      const packed = gzipSync(data, { level, strategy })
      expect(Buffer.compare(inflateAll(packed), data)).toBe(0)
    }
  })

  test('several members, padding, a name and a comment', () => {
    const text = new TextEncoder().encode('hello')
    const body = deflateRawSync(text)
    const trailer = gzipSync(text).subarray(-8)
    const extra = [3, 0, 1, 2, 3]
    const named = [0x1f, 0x8b, 8, 4 | 8 | 16, 0, 0, 0, 0, 0, 3, ...extra, 97, 0, 98, 0]
    const whole = Uint8Array.from([...gzipSync(text), ...named, ...body, ...trailer, 0, 0])
    expect(new TextDecoder().decode(inflateAll(whole, 3))).toBe('hellohello')
  })
})

describe('damaged files', () => {
  const data = randomBytes(seededRandom(3), 60_000, 30)
  const good = gzipSync(data)

  test('cut off anywhere', () => {
    for (let length = 0; length < good.length; length += 777) {
      expect(() => inflateAll(good.subarray(0, length)), String(length)).toThrow(QueryError)
    }
  })

  test('with changed bytes never give other data', () => {
    const random = seededRandom(4)
    for (let round = 0; round < 200; round++) {
      const bytes = Uint8Array.from(good)
      const at = 10 + Math.floor(random.next() * (bytes.length - 10))
      bytes[at] = bytes[at]! ^ (1 << Math.floor(random.next() * 8))
      try {
        expect(Buffer.compare(inflateAll(bytes), data)).toBe(0)
      } catch (error) {
        expect(error, String(error)).toBeInstanceOf(QueryError)
      }
    }
  })

  test('that are no gzip', () => {
    expect(() => inflateAll(new TextEncoder().encode('plain text, no gzip'))).toThrow(
      /no gzip header/,
    )
  })
})

describe('compressed CSV', () => {
  test('is read as plain CSV is', async () => {
    const lines = Array.from({ length: 50_000 }, (_, row) => `${row},"text, ${row % 100}"`)
    const content = gzipSync(`n,t\n${lines.join('\n')}\n`)
    const { inspection, rows } = await readText(content)
    expect(inspection.options).toMatchObject({ compression: 'gzip', header: true, delimiter: ',' })
    expect(rows.length).toBe(50_000)
    expect(rows.every(([n, t], row) => n === BigInt(row) && t === `text, ${row % 100}`)).toBe(true)
    expect((await inspect(content)).rows).toBeGreaterThan(20_000)
  })

  test.each(['\x1f', 'a,b\n1,2\n'])('whose bytes are none is refused: %j', async (content) => {
    const inspecting = (options: FileOptions): Promise<unknown> => {
      const file = writeFile(content, 'csv.gz')
      return inspectCsv(file, { fileOptions: options, declared: undefined, signal: undefined })
    }
    await expect(inspecting({})).rejects.toMatchObject({ code: 'BAD_FILE' })
    await expect(inspecting({ compression: 'none' })).resolves.toBeDefined()
  })

  test('errors name the row', () => {
    const content = gzipSync(`${'1,a\n'.repeat(200_000)}x,b\n`)
    const columns = [int4, text].map((type, at) => ({ name: `c${at}`, type, nullable: true }))
    const options = { header: false, compression: 'gzip' } as const
    const request = scanRequest(writeFile(content), columns, options)
    expect(() => readRows(request)).toThrow(/"x" .*line 200001/)
  })
})
