import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { ContextLayout, contextWords } from '../../src/compile/model/context.ts'
import { ROW_BUFFER_BYTES, rowBuffers } from '../../src/compile/shape/row-buffers.ts'
import type { PipelineLeg } from '../../src/compile/shape/legs.ts'

type Kind = 'filter' | 'call-out' | 'probe' | 'semi' | 'output'
/** A leg, and the sources from the front of the pipeline that are still read behind it. */
interface Part {
  readonly kind: Kind
  readonly reads: readonly number[]
}

/** What decides on the buffers of a leg is its kind. */
const legOf = (kind: Kind): PipelineLeg =>
  ({ kind: kind === 'semi' ? 'probe' : kind }) as PipelineLeg

function laidOut(parts: readonly Part[]) {
  let sources = 1
  const added = parts.map(({ kind }) =>
    kind === 'call-out' || kind === 'probe' ? sources++ : undefined,
  )
  const needed = parts.map(() => new Set<number>())
  let known = 1
  parts.forEach(({ reads }, at) => {
    for (const read of reads) {
      for (let before = 0; before <= at; before++) needed[before]!.add(read % known)
    }
    if (added[at] !== undefined) known++
  })
  const context = new ContextLayout()
  const legs = parts.map(({ kind }) => legOf(kind))
  return { context, added, needed, given: rowBuffers(context, legs, needed, added) }
}

const bytesOf = (kinds: readonly Kind[]): number => {
  const all = kinds.map((_, at) => at)
  const { context } = laidOut([
    ...kinds.map((kind) => ({ kind, reads: [] })),
    { kind: 'output', reads: [0, ...all.map((at) => at + 1)] },
  ])
  return (context.bytes - contextWords.first) / ROW_BUFFER_BYTES
}

test.each<[string, Kind[], number]>([
  ['nothing but a sink', [], 0],
  ['a filter', ['filter'], 1],
  ['two filters', ['filter', 'filter'], 1],
  ['a call-out', ['call-out'], 2],
  ['1,600 call-outs', Array.from({ length: 1_600 }, () => 'call-out'), 2],
  ['call-outs round a filter', ['call-out', 'call-out', 'filter', 'call-out', 'call-out'], 3],
  ['a join behind call-outs', ['call-out', 'call-out', 'probe'], 5],
  ['joins', ['probe', 'probe', 'probe'], 2 + 3 + 4],
])('buffers for %s', (_, kinds, expected) => {
  expect(bytesOf(kinds)).toBe(expected)
})

/**
 * Runs legs as generated code does, in buffers, and beside it with a record for each row. Rows are
 * kept or matched by their number and the leg's.
 */
class Walk {
  readonly #parts: readonly Part[]
  readonly #layout: ReturnType<typeof laidOut>
  readonly #buffers = new Map<number, number[]>()
  readonly #batchRows: number
  #ids = 0

  constructor(parts: readonly Part[], batchRows: number) {
    this.#parts = parts
    this.#layout = laidOut(parts)
    this.#batchRows = batchRows
  }

  /** `rows`: for each row of the leg, the ids that it should have. */
  leg(at: number, rows: readonly (readonly number[])[]): void {
    const part = this.#parts[at]
    if (part === undefined || rows.length === 0) return
    const { given, needed, added } = this.#layout
    for (const source of needed[at]!) {
      if (at === 0 || !given[at]!.has(source)) continue
      expect(rows.map((_, row) => this.#read(at, source, row))).toEqual(
        rows.map((ids) => ids[source]),
      )
    }
    const there = new Set(part.kind === 'call-out' ? given[at]!.values() : [])
    const next: (readonly number[])[] = []
    rows.forEach((ids, row) => {
      const copies = copiesOf(part.kind, at, row)
      for (let copy = 0; copy < Math.max(1, copies); copy++) {
        const own = part.kind === 'call-out' ? row : this.#ids++
        this.#append(at, row, next.length, added[at], own, there)
        if (copies > 0) next.push(added[at] === undefined ? ids : [...ids, own])
        const isFull = next.length === this.#batchRows && part.kind !== 'filter'
        if (isFull && part.kind !== 'call-out') this.leg(at + 1, next.splice(0))
      }
    })
    this.leg(at + 1, next)
  }

  #append(
    at: number,
    row: number,
    to: number,
    added: number | undefined,
    own: number,
    there: ReadonlySet<number>,
  ): void {
    const next = this.#layout.given[at + 1] ?? new Map<number, number>()
    for (const [source, offset] of next) {
      if (there.has(offset)) continue
      const id = source === added ? own : this.#read(at, source, row)
      const buffer = this.#buffers.get(offset) ?? []
      buffer[to] = id
      this.#buffers.set(offset, buffer)
    }
  }

  #read(at: number, source: number, row: number): number {
    if (at === 0) return row
    return this.#buffers.get(this.#layout.given[at]!.get(source)!)![row]!
  }
}

/** How many rows a leg makes of one. */
function copiesOf(kind: Kind, at: number, row: number): number {
  const mixed = Math.imul(row * 31 + at * 7 + 1, 0x9e37_79b1) >>> 16
  if (kind === 'probe') return mixed % 4
  return kind === 'filter' || kind === 'semi' ? mixed % 2 : 1
}

test('every leg is given the ids of its rows', () => {
  const part = fc.record({
    kind: fc.constantFrom<Kind>('filter', 'call-out', 'probe', 'semi', 'output'),
    reads: fc.array(fc.nat(9), { maxLength: 4 }),
  })
  const parts = fc.array(part, { minLength: 2, maxLength: 9 })
  const property = fc.property(parts, fc.integer({ min: 1, max: 5 }), (legs, batchRows) => {
    const rows = Array.from({ length: batchRows }, (_, row) => [row])
    const isLast = (at: number): boolean => at === legs.length - 1
    const ordered = legs.map((leg, at): Part => {
      if (isLast(at)) return { kind: 'output', reads: leg.reads }
      return leg.kind === 'output' ? { kind: 'filter', reads: leg.reads } : leg
    })
    new Walk(ordered, batchRows).leg(0, rows)
  })
  fc.assert(property, { numRuns: 2_000 })
})
