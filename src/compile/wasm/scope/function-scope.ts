import type { KernelName } from '../../../wasm/kernels/signatures.ts'
import { assert, present } from '../../../base/assert.ts'
import type { DataType } from '../../../data/types/data-type.ts'
import { raiseReasons, type RaiseReason, type Value } from '../../../functions/inline.ts'
import type {
  Call,
  Cast,
  ColumnId,
  Expression,
  InSet,
  Literal,
  Parameter,
} from '../../../plan/logical/expression.ts'
import type {
  FunctionBuilder,
  FunctionIndex,
  Local,
} from '../../../wasm/assembler/function-builder.ts'
import { compileExpression } from '../../expressions/expression.ts'
import type { EmitScope } from './emit-scope.ts'
import { contextWords } from '../../model/context.ts'
import { layOutRow, type RowField } from '../../model/row-layout.ts'
import { decisionOf, emitDecision } from './dictionary-decision.ts'
import { emitEntryValue, entryValuesOf } from './entry-values.ts'
import { loadChunkColumn } from './load-column.ts'
import { bytesView, emitLiteral } from './literal-value.ts'
import { emitParameter } from './parameter-value.ts'
import type { PairDecision, PipelineModule } from './pipeline-module.ts'
import type { ColumnPlace } from '../../model/lane-test.ts'
import type { RowSource } from '../../model/shapes.ts'
import { loadStateField } from './load-state.ts'
import { hoistedField, hoistedNull, loadField, storeField } from './values.ts'

/** Expressions of one generated function over the current row of its loop. Parameter 0 is the context. */
export class FunctionScope implements EmitScope {
  readonly module: PipelineModule
  readonly f: FunctionBuilder
  readonly ctx: Local
  /** Emits the row id of a source in the current row; set by the loop. */
  #emitRowId: (source: number) => void = () => assert(false, 'no row to read')
  #columns = new Map<ColumnId, Value>()
  #rowIds = new Map<number, Local>()
  readonly #words = new Map<number, Local>()
  readonly #wideWords = new Map<number, Local>()
  readonly #literals = new Map<Expression, Value>()
  readonly #common = new Map<RowField, Value>()
  readonly #nulls = new Map<DataType, Value>()
  readonly cheap = new WeakMap<Expression, boolean>()
  #blamed: Expression | undefined

  constructor(module: PipelineModule, f: FunctionBuilder) {
    this.module = module
    this.f = f
    this.ctx = f.param(0)
  }

  row(emitRowId: (source: number) => void): void {
    this.#emitRowId = emitRowId
    this.#columns = new Map()
    this.#rowIds = new Map()
  }

  setRowId(source: number, id: Local): void {
    this.#rowIds.set(source, id)
  }

  rowId(source: number): Local {
    const known = this.#rowIds.get(source)
    if (known !== undefined) return known
    const common = this.module.common.get(source)
    if (common !== undefined) return this.word(common)
    const local = this.f.local('i32')
    this.#emitRowId(source)
    this.f.set(local)
    this.#rowIds.set(source, local)
    return local
  }

  word(offset: number): Local {
    const known = this.#words.get(offset)
    if (known !== undefined) return known
    const local = this.f.hoisted('i32', () => this.f.get(this.ctx).memory('i32.load', offset))
    this.#words.set(offset, local)
    return local
  }

  wideWord(offset: number): Local {
    const known = this.#wideWords.get(offset)
    if (known !== undefined) return known
    const local = this.f.hoisted('i64', () => this.f.get(this.ctx).memory('i64.load', offset))
    this.#wideWords.set(offset, local)
    return local
  }

  column(id: ColumnId): Value {
    const known = this.#columns.get(id)
    if (known !== undefined) return known
    const definition = this.module.pipeline.definitions.get(id)
    const value = definition === undefined ? this.#load(id) : compileExpression(this, definition)
    this.#columns.set(id, value)
    return value
  }

  bind(id: ColumnId, value: Value): void {
    this.#columns.set(id, value)
  }

  literal(expr: Literal): Value {
    const known = this.#literals.get(expr)
    if (known !== undefined) return known
    const value = emitLiteral(this, expr)
    this.#literals.set(expr, value)
    return value
  }

  parameter(expr: Parameter): Value {
    const known = this.#literals.get(expr)
    if (known !== undefined) return known
    const value = emitParameter(this, expr, this.module.pipeline.parameters[expr.index])
    this.#literals.set(expr, value)
    return value
  }

  memberSet(expr: InSet): Local {
    const { sets, context } = this.module
    const known = sets.indexOf(expr)
    const set = known >= 0 ? known : sets.push(expr) - 1
    return this.word(context.word({ kind: 'set', set }))
  }

  decision(expr: Expression): (() => Value) | undefined {
    const decided = decisionOf(this.module, expr)
    return decided === undefined ? undefined : () => emitDecision(this, decided)
  }

  entryValue(
    expr: Expression,
  ): ((guard: Local | undefined, compute: () => Value) => Value) | undefined {
    const values = entryValuesOf(this.module, expr)
    return values && ((guard, compute) => emitEntryValue(this, values, guard, compute))
  }

  isCalledOut(id: ColumnId): boolean {
    return this.module.pairs.has(id)
  }

  blame(expr: Expression | undefined): Expression | undefined {
    const before = this.#blamed
    this.#blamed = expr
    return before
  }

  branch(emit: () => void): void {
    const [columns, rowIds] = [this.#columns, this.#rowIds]
    this.#columns = new Map(columns)
    this.#rowIds = new Map(rowIds)
    emit()
    this.#columns = columns
    this.#rowIds = rowIds
  }

  raise(reason: RaiseReason): void {
    const { blamed } = this.module
    if (this.#blamed !== undefined) blamed.push(this.#blamed)
    const index = this.#blamed === undefined ? -1 : blamed.length - 1
    this.f.i32(raiseReasons.indexOf(reason)).i32(index)
    this.module.callHost(this.f, 'raise')
    this.f.op('unreachable')
  }

  kernel(name: KernelName): FunctionIndex {
    return this.module.kernel(name)
  }

  allocateText(): void {
    const { f, ctx } = this
    const [bytes, start] = [f.local('i32'), f.local('i32')]
    f.set(bytes)
    f.get(ctx).memory('i32.load', contextWords.textCursor).set(start)
    // Compared as lengths, as an end near 4 GiB would wrap around.
    f.get(bytes).get(ctx).memory('i32.load', contextWords.textEnd).get(start).op('i32.sub')
    f.op('i32.gt_u').if()
    f.get(bytes)
    this.module.callHost(f, 'moreText')
    f.set(start)
    f.end()
    f.get(ctx).get(start).get(bytes).op('i32.add').memory('i32.store', contextWords.textCursor)
    f.get(start)
    f.release(bytes)
    f.release(start)
  }

  workspace(): Local {
    return this.#inContext(this.module.context.workspace)
  }

  kept(bytes: number): Local {
    return this.#inContext(this.module.context.scratch(bytes))
  }

  #inContext(offset: number): Local {
    const { f } = this
    const address = f.local('i32')
    f.get(this.ctx).i32(offset).op('i32.add').set(address)
    return address
  }

  bytes(content: Uint8Array): Local {
    return bytesView(this, content)
  }

  settleText(target: Local, view: Local): void {
    const { f, ctx } = this
    f.get(ctx).get(target)
    f.get(view).i64(32n).op('i64.shr_u').op('i32.wrap_i64')
    f.get(view).op('i32.wrap_i64').get(target).op('i32.eq').op('i32.mul')
    f.op('i32.add').memory('i32.store', contextWords.textCursor)
  }

  evaluateHere(
    call: Call | Cast,
    args: readonly Value[],
    into: readonly Local[],
    valid?: Local,
  ): void {
    const { f, module } = this
    const types = [...args.map(({ type }) => type), call.type]
    const layout = layOutRow(
      0,
      types.map((type) => ({ id: 0 as ColumnId, type, nullable: true })),
    )
    const offset = module.context.scratch(layout.rowBytes)
    const row = f.local('i32')
    f.get(this.ctx).i32(offset).op('i32.add').set(row)
    const [result, ...fields] = layout.fields.toReversed()
    args.forEach((arg, index) => {
      storeField(f, row, present(fields.at(-1 - index), 'field of an argument'), arg)
    })
    f.i32(module.calls.push({ call, offset, layout }) - 1)
    module.callHost(f, 'evaluateHere')
    const value = loadField(f, row, present(result, 'field of a result'))
    into.forEach((local, lane) => f.get(present(value.lanes[lane], 'lane of a result')).set(local))
    if (valid !== undefined) f.get(present(value.valid, 'validity of a result')).set(valid)
    f.release(row)
  }

  #load(id: ColumnId): Value {
    const pair = this.module.pairs.get(id)
    if (pair !== undefined) return this.#decidePair(pair)
    const place = present(this.module.places.get(id), `column ${id} is not in the pipeline`)
    const source = present(this.module.sources[place.source], 'source of a place')
    switch (source.kind) {
      case 'chunk':
        return this.#withBounds(id, loadChunkColumn(this, source, place))
      case 'rows':
        if (this.module.common.has(place.source)) return this.#loadCommon(source, place)
        return this.#loadField(source, place.source, place.index)
      case 'computed':
        return loadField(
          this.f,
          this.rowId(place.source),
          present(source.layout.fields[place.index], 'field'),
        )
      case 'mark':
        return this.#loadMark(place.source, source.column.type)
      case 'nulls':
        return this.#null(present(source.columns[place.index], 'NULL column').type)
    }
  }

  #loadField(source: RowSource & { kind: 'rows' }, index: number, fieldIndex: number): Value {
    const field = present(source.layout.fields[fieldIndex], 'field of a place')
    const row = this.rowId(index)
    const value =
      field.state === undefined ? loadField(this.f, row, field) : loadStateField(this, row, field)
    // The row of NULLs that stands for a missing row has all validity bytes 0, if the layout has any.
    if (!source.nullExtended || value.valid !== undefined) return this.#withBounds(field.id, value)
    const nullRow = this.word(this.nullRowWord(index))
    const valid = this.f.local('i32')
    this.f.get(row).get(nullRow).op('i32.ne').set(valid)
    return this.#withBounds(field.id, { ...value, valid })
  }

  /** A field of a row that the batch has in common: read once. */
  #loadCommon(source: RowSource & { kind: 'rows' }, place: ColumnPlace): Value {
    const field = present(source.layout.fields[place.index], 'field of a place')
    if (field.state !== undefined) return this.#loadField(source, place.source, place.index)
    const known = this.#common.get(field)
    if (known !== undefined) return known
    const value = this.#withBounds(field.id, hoistedField(this.f, this.rowId(place.source), field))
    this.#common.set(field, value)
    return value
  }

  /** Asks the thread: 0 false, 1 true, 2 NULL. */
  #decidePair({ number, ids }: PairDecision): Value {
    const { f } = this
    for (const [source, offset] of ids) {
      const row = this.rowId(source)
      f.get(this.ctx).get(row).memory('i32.store', offset)
    }
    f.i32(number)
    this.module.callHost(f, 'decidePair')
    const [lane, valid] = [f.local('i32'), f.local('i32')]
    f.tee(lane).i32(2).op('i32.ne').set(valid)
    f.get(lane).i32(1).op('i32.and').set(lane)
    return { type: { kind: 'bool' }, lanes: [lane], valid, range: undefined }
  }

  nullRowWord(source: number): number {
    const step = this.module.pipeline.steps[this.module.sourceOfStep.indexOf(source)]
    assert(step?.kind === 'probe' || step?.kind === 'nested-loop', 'null row of no join')
    return this.module.context.word({ kind: 'state', breaker: step.breaker, part: 'null-row' })
  }

  #loadMark(source: number, type: DataType): Value {
    const id = this.rowId(source)
    const [lane, valid] = [this.f.local('i32'), this.f.local('i32')]
    this.f.get(id).i32(1).op('i32.and').set(lane)
    this.f.get(id).i32(2).op('i32.ne').set(valid)
    return { type, lanes: [lane], valid, range: undefined }
  }

  #null(type: DataType): Value {
    const known = this.#nulls.get(type)
    if (known !== undefined) return known
    const value = hoistedNull(this.f, type)
    this.#nulls.set(type, value)
    return value
  }

  #withBounds(id: ColumnId, value: Value): Value {
    const bounds = this.module.pipeline.bounds.get(id)
    if (bounds === undefined) return value
    const range = value.range
    const min = range === undefined || bounds.min > range.min ? bounds.min : range.min
    const max = range === undefined || bounds.max < range.max ? bounds.max : range.max
    return { type: value.type, lanes: value.lanes, valid: value.valid, range: { min, max } }
  }
}
