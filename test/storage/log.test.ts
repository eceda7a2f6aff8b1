import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { crc32 } from '../../src/storage/log/crc32.ts'
import { FolderDisk } from '../../src/storage/log/disk.ts'
import { FORMAT_VERSION, writeSegmentHeader } from '../../src/storage/log/frames.ts'
import { readLog } from '../../src/storage/log/log-reader.ts'
import { LogWriter, segmentName, type LogRecord } from '../../src/storage/log/log-writer.ts'
import { readPlain, writePlain } from '../../src/storage/log/plain-values.ts'

const folder = mkdtempSync(join(tmpdir(), 'heddle-log-'))
const disk = new FolderDisk(folder)
const first = { segment: 1, record: 1 }
const path = disk.pathOf(segmentName(1))
let whole: Buffer

beforeAll(async () => {
  const writer = await LogWriter.begin(disk, first)
  for (let at = 0; at < 6; at++) await append(writer, [`record ${at}`])
  await append(writer, ['two', 'together'])
  await writer.close()
  whole = readFileSync(path)
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

function append(writer: LogWriter, texts: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    writer.append({
      *records() {
        for (const text of texts) yield recordOf(text)
      },
      done: (error) => (error === undefined ? resolve() : reject(error)),
    })
  })
}

function recordOf(text: string): LogRecord {
  const body = new TextEncoder().encode(`body of ${text}`)
  return { head: new TextEncoder().encode(text), bodyBytes: body.length, body: [body] }
}

/** What is read back of these bytes: whole bodies only, as vectors have checksums of their own. */
function readBack(bytes: Uint8Array): readonly string[] {
  writeFileSync(path, bytes)
  const heads: string[] = []
  readLog(disk, first, ({ head, body }) => {
    if (new TextDecoder().decode(body) !== `body of ${head}`) return false
    heads.push(head)
    return true
  })
  return heads
}

describe('a log', () => {
  test('is read back as it was written', () => {
    expect(readBack(whole)).toEqual([
      ...Array.from({ length: 6 }, (_, at) => `record ${at}`),
      'two',
      'together',
    ])
  })

  test('that is cut at any byte has the records before it', () => {
    const all = readBack(whole)
    let before = 0
    for (let bytes = 0; bytes <= whole.length; bytes++) {
      const read = readBack(whole.subarray(0, bytes))
      expect(read).toEqual(all.slice(0, read.length))
      expect(read.length).toBeGreaterThanOrEqual(before)
      before = read.length
    }
    expect(before).toBe(all.length)
  })

  test('of which any byte is another is read up to there where that was never synced, and refused where it was', () => {
    const all = readBack(whole)
    let refused = 0
    for (let at = 0; at < whole.length; at++) {
      const bytes = Buffer.from(whole)
      bytes[at]! ^= 0x10
      try {
        const read = readBack(bytes)
        expect(read).toEqual(all.slice(0, read.length))
        // The last two were synced by nobody that says so.
        expect(read.length).toBeGreaterThanOrEqual(all.length - 2)
      } catch (error) {
        expect(error).toMatchObject({ code: 'DATA_CORRUPTED' })
        refused++
      }
    }
    expect(refused).toBeGreaterThan(whole.length / 2)
  })

  test('of a newer version is refused', () => {
    const header = { version: FORMAT_VERSION + 1, segment: 1, firstRecord: 1 }
    expect(() => readBack(Buffer.from(writeSegmentHeader(header)))).toThrow(/newer Heddle/)
  })
})

test.each([
  ['', 0],
  ['123456789', 0xcbf43926],
  ['The quick brown fox jumps over the lazy dog', 0x414fa339],
])('the checksum of %j', (text, expected) => {
  expect(crc32(0, new TextEncoder().encode(text))).toBe(expected)
})

test.each([
  ['nothing', null],
  [
    'what JSON has not',
    { a: undefined, b: [undefined, 1n, -0, Number.NaN, Infinity], c: 'ü\ud83d\ude00' },
  ],
  ['maps', new Map([['a', { $i: '1' }]])],
  ['dollar signs', { $o: 1, __proto__x: 2 }],
  ['long integers', { last: -9_223_372_036_854_775_808n }],
])('plain values are read as they were written: %s', (_, value) => {
  expect(readPlain(writePlain(value))).toEqual(value)
})

test('what is not plain is never written', () => {
  expect(() => writePlain({ call: () => 1 })).toThrow(/function/)
  expect(() => writePlain({ at: new Date(0) })).toThrow(/class/)
})
