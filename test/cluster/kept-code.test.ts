import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { canKeep, keptScript, type KeptScript } from '../../src/cluster/host/kept-code.ts'

const text = `(function (n) {
  function twice(x) { return x + x }
  function square(x) { return x * x }
  return n < 0 ? square(n) : twice(n)
})`

let folder = ''
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'heddle-code-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const open = (source = text, digest = 'abc', filename = '/somewhere/program.cjs'): KeptScript =>
  keptScript(source, filename, { digest, folder })
const answer = ({ script }: KeptScript, n: number): number =>
  (script.runInThisContext() as (n: number) => number)(n)

/** Runs the text once and keeps its code; the file that it is in. */
function keep(): string {
  const first = open()
  answer(first, 1)
  first.keep()
  return join(folder, readdirSync(folder)[0]!)
}

/** Processes one after the other that run a text: each may run a function more; gives the file's size then. */
function processes(name: string): { run: (isMore: boolean) => number; file: () => string } {
  const file = (): string => join(folder, readdirSync(folder)[0]!)
  const run = (isMore: boolean): number => {
    const one = open(`${text} // ${name}`)
    answer(one, isMore ? -1 : 1)
    one.keep()
    return readFileSync(file()).length
  }
  return { run, file }
}

describe('kept code', () => {
  test('is taken by whoever runs the same text at the same place', () => {
    expect(open().isKept).toBe(false)
    keep()
    const second = open()
    expect(second.isKept).toBe(true)
    expect([answer(second, 4), answer(second, -4)]).toEqual([8, 16])
  })

  test.each<[string, () => KeptScript]>([
    ['another digest', () => open(text, 'abd')],
    ['another place', () => open(text, 'abc', '/elsewhere/program.cjs')],
    ['another text of the same digest', () => open(text.replace('x + x', 'x + x + 0'))],
  ])('%s has its own', (_, other) => {
    keep()
    expect(other().isKept).toBe(false)
    expect(answer(other(), 4)).toBe(8)
  })

  test.each<[string, (file: string) => void]>([
    ['a changed byte', (file) => changeByte(file, 100)],
    ['a changed checksum', (file) => changeByte(file, 5)],
    ['an early end', (file) => writeFileSync(file, readFileSync(file).subarray(0, 200))],
    ['nothing in the file', (file) => writeFileSync(file, '')],
    ['others who may write the file', (file) => chmodSync(file, 0o666)],
  ])('%s: it is compiled anew and kept again', (_, damage) => {
    damage(keep())
    const damaged = open()
    expect([damaged.isKept, answer(damaged, 4)]).toEqual([false, 8])
    damaged.keep()
    expect(open().isKept).toBe(true)
  })

  // Texts of their own: V8 knows what earlier tests compiled of a text.
  test('functions that a later process runs are added, until a dozen in a row ran no others', () => {
    const { run, file } = processes('again')
    const sizes = Array.from({ length: 20 }, (_, index) => run(index === 3 || index === 18))
    expect(sizes[2]).toBe(sizes[0])
    expect(sizes[3]).toBeGreaterThan(sizes[2]!)
    const settled = readFileSync(file())
    run(false)
    expect(readFileSync(file()).equals(settled)).toBe(true)
  })

  test('once settled one process in a while looks, and others follow when it found something', () => {
    const { run, file } = processes('later')
    const sizes = Array.from({ length: 14 }, () => run(false))
    expect(run(true)).toBe(sizes[0])
    utimesSync(file(), new Date(), new Date(Date.now() - 60_000))
    expect(run(true)).toBeGreaterThan(sizes[0]!)
    const grown = readFileSync(file())
    run(false)
    expect(readFileSync(file()).equals(grown)).toBe(false)
  })

  test('a look that finds nothing postpones the next', () => {
    const { run, file } = processes('postponed')
    const sizes = Array.from({ length: 14 }, () => run(false))
    utimesSync(file(), new Date(), new Date(Date.now() - 60_000))
    run(false)
    expect(run(true)).toBe(sizes[0])
  })

  test('of many versions the last written stay', () => {
    for (let version = 0; version < 40; version++) {
      const one = open(text, `version-${version}`)
      one.keep()
    }
    const names = readdirSync(folder)
    expect(names.length).toBeLessThanOrEqual(16)
    expect(open(text, 'version-39').isKept).toBe(true)
  })

  test('a folder that is gone or no folder is nobody’s trouble', () => {
    const script = open()
    rmSync(folder, { recursive: true })
    expect(() => script.keep()).not.toThrow()
    writeFileSync(folder, '')
    expect(canKeep(join(folder, 'code'))).toBe(false)
    expect(answer(open(), 4)).toBe(8)
  })

  test('a folder that others may write is not used', () => {
    expect(canKeep(folder)).toBe(true)
    chmodSync(folder, 0o777)
    expect(canKeep(folder)).toBe(false)
  })
})

function changeByte(file: string, at: number): void {
  const bytes = readFileSync(file)
  bytes[at] = bytes[at]! ^ 1
  writeFileSync(file, bytes)
}
