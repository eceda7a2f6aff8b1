import { present } from '../../base/assert.ts'
import { QueryError } from '../../base/errors.ts'
import type { LeaseScope } from '../../data/arenas/lease.ts'
import type { DataType } from '../../data/types/data-type.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { scalarAt } from '../../data/vectors/to-scalars.ts'
import type { Catalog } from '../../plan/catalog/catalog.ts'
import type { FetchDirection } from '../../sql/ast/cursor.ts'
import type { SelectStatement } from '../../sql/ast/select.ts'
import { chunksInTurn } from '../../storage/kept-reader.ts'
import type { StatementContext } from '../context/statement-context.ts'
import type { KnownCursor } from '../queries/cursors.ts'
import type { Batch, QueryResult, ResultColumn } from '../results/result.ts'
import { storeQuery, tableOfRows, type MemoryTable } from './memory-tables.ts'
import { fieldsOf } from './stored-result.ts'

/** What a cursor is declared with. */
export interface DeclaredCursor {
  readonly statement: SelectStatement
  readonly text: string
  readonly parameters: readonly Scalar[]
  readonly parameterTypes: readonly DataType[]
  readonly columns: readonly ResultColumn[]
  readonly scroll: boolean | undefined
  readonly isHeld: boolean
  readonly shown: string
  readonly declaredMicros: bigint
  /** What its query sees, held by `leases`. */
  readonly catalog: Catalog
  readonly leases: LeaseScope
}

type Row = readonly Scalar[]

/** Runs a query; the rows of the result may still be made. */
type RunQuery = (ctx: StatementContext, statement: SelectStatement) => Promise<QueryResult>

/**
 * A cursor: rows of a query over what there was when it was declared, made as they are read. Who goes back has them stored: the
 * query is run again, over the same rows.
 */
export class CursorRows implements KnownCursor {
  readonly declared: DeclaredCursor
  readonly #run: RunQuery
  /** Rows that are read as they are made. */
  #result: QueryResult | undefined
  #batches: Iterator<Batch> | undefined
  #columns: readonly (readonly Scalar[])[] = []
  #batchRows = 0
  #at = 0
  #stored: MemoryTable | undefined
  /** Of the row where it is: 0 is before the first, and one more than there are behind the last. */
  #position = 0
  /** How many rows there are, once that is known. */
  #count: number | undefined
  #current: Row | undefined

  constructor(declared: DeclaredCursor, run: RunQuery) {
    this.declared = declared
    this.#run = run
  }

  get isHeld(): boolean {
    return this.declared.isHeld
  }

  get isScrollable(): boolean {
    return this.declared.scroll !== false
  }

  get shown(): string {
    return this.declared.shown
  }

  get declaredMicros(): bigint {
    return this.declared.declaredMicros
  }

  close(): void {
    this.#result?.release()
    this.declared.leases.close()
  }

  /** Moves, and gives the rows that are met. Errors: those of the query, OBJECT_NOT_IN_STATE for NO SCROLL. */
  async fetch(ctx: StatementContext, direction: FetchDirection): Promise<readonly Row[]> {
    switch (direction.kind) {
      case 'forward':
      case 'backward': {
        const { count } = direction
        const isBack = (direction.kind === 'backward') !== (count !== 'all' && count < 0)
        const rows = count === 'all' ? Infinity : Math.abs(count)
        if (rows === 0) return this.#here()
        return isBack ? this.#backward(ctx, rows) : this.#forward(ctx, rows)
      }
      case 'relative': {
        const { count } = direction
        if (count === 0) return this.#here()
        const rows = count > 0 ? await this.#forward(ctx, count) : await this.#backward(ctx, -count)
        return rows.length === Math.abs(count) ? rows.slice(-1) : []
      }
      case 'absolute':
        return this.#absolute(ctx, direction.count)
    }
  }

  #here(): readonly Row[] {
    return this.#current === undefined ? [] : [this.#current]
  }

  async #forward(ctx: StatementContext, rows: number): Promise<readonly Row[]> {
    const met: Row[] = []
    while (met.length < rows) {
      const row = await this.#next(ctx)
      if (row === undefined) break
      met.push(row)
    }
    this.#current = met.length === rows ? met.at(-1) : undefined
    return met
  }

  /** The row behind this one; undefined behind the last. */
  async #next(ctx: StatementContext): Promise<Row | undefined> {
    const next = this.#position + 1
    if (this.#count !== undefined && next > this.#count) {
      this.#position = this.#count + 1
      return undefined
    }
    const row = this.#stored === undefined ? await this.#read(ctx) : this.#row(ctx, next)
    this.#position = next
    if (row === undefined) this.#count = next - 1
    return row
  }

  /** The next row that is made. */
  async #read(ctx: StatementContext): Promise<Row | undefined> {
    if (this.#result === undefined) {
      const { statement } = this.declared
      this.#result = await this.#run(this.#context(ctx), statement)
      this.#batches = this.#result.batches()[Symbol.iterator]()
    }
    while (this.#at >= this.#batchRows) {
      const step = present(this.#batches, 'batches of a cursor').next()
      if (step.done === true) {
        if (!this.#result.isPartial || !(await this.#result.more(ctx.options.signal))) {
          return undefined
        }
        this.#batches = this.#result.batches()[Symbol.iterator]()
        continue
      }
      this.#columns = this.declared.columns.map((_, column) => step.value.column(column))
      this.#batchRows = step.value.rowCount
      this.#at = 0
    }
    const at = this.#at++
    return this.#columns.map((values) => values[at] ?? null)
  }

  async #backward(ctx: StatementContext, rows: number): Promise<readonly Row[]> {
    await this.store(ctx)
    const met: Row[] = []
    while (met.length < rows && this.#position > 1) met.push(this.#row(ctx, --this.#position)!)
    if (met.length < rows) this.#position = 0
    this.#current = met.length === rows ? met.at(-1) : undefined
    return met
  }

  async #absolute(ctx: StatementContext, place: number): Promise<readonly Row[]> {
    if (place > this.#position) {
      const rows = await this.#forward(ctx, place - this.#position)
      return this.#current === undefined ? [] : rows.slice(-1)
    }
    if (place === this.#position && this.#current !== undefined) return this.#here()
    if (place === 0 && this.#position === 0) return []
    await this.store(ctx)
    const count = present(this.#count, 'the rows of a stored cursor')
    const wanted = place < 0 ? count + 1 + place : place
    this.#position = Math.max(0, Math.min(count + 1, wanted))
    const row = this.#row(ctx, this.#position)
    this.#current = row
    return row === undefined ? [] : [row]
  }

  /** Has all rows stored, and tells them. Errors: OBJECT_NOT_IN_STATE for NO SCROLL. */
  async store(ctx: StatementContext): Promise<MemoryTable> {
    if (this.#stored !== undefined) return this.#stored
    if (!this.isScrollable) {
      const hint = 'Declare it with SCROLL option to enable backward scan.'
      throw new QueryError('OBJECT_NOT_IN_STATE', 'cursor can only scan forward', { hint })
    }
    const own = this.#context(ctx)
    const { relation } = await own.queries.bind(this.declared.statement)
    const columns = fieldsOf(this.declared.columns)
    const { chunks, rows } = await storeQuery(own, relation, columns)
    this.#stored = tableOfRows({ schema: '', name: '', columns }, chunks)
    this.#count = rows
    this.#result?.release()
    return this.#stored
  }

  /** Where it is, for who gives rows of the stored ones by itself; then it is behind the last. */
  passAll(): { readonly from: number; readonly rows: number } {
    const count = present(this.#count, 'the rows of a stored cursor')
    const from = Math.min(this.#position, count)
    this.#position = count + 1
    this.#current = undefined
    return { from, rows: count - from }
  }

  #row(ctx: StatementContext, place: number): Row | undefined {
    let at = place - 1
    if (at < 0) return undefined
    for (const chunk of this.#stored?.source.chunks ?? []) {
      if (at >= chunk.rows) {
        at -= chunk.rows
        continue
      }
      const lease = chunksInTurn(ctx.engine, [chunk]).all()
      try {
        const [{ columns }] = lease.chunks as [(typeof lease.chunks)[number]]
        return columns.map((vector) => scalarAt(ctx.heap, vector, at))
      } finally {
        lease.release()
      }
    }
    return undefined
  }

  #context(ctx: StatementContext): StatementContext {
    const { catalog, leases, text, parameters, parameterTypes } = this.declared
    const { options, beganMs } = ctx
    return ctx.apart(leases, { catalog, text, parameters, parameterTypes, options, beganMs })
  }
}
