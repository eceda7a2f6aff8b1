import { present } from '../../../base/assert.ts'
import type { Value } from '../../../functions/inline.ts'
import type {
  FunctionBuilder,
  FunctionIndex,
  Local,
} from '../../../wasm/assembler/function-builder.ts'
import type { ValueType } from '../../../wasm/assembler/opcodes.ts'
import { sinkWords } from '../../model/context.ts'
import type { EmitScope } from '../scope/emit-scope.ts'
import { FunctionScope } from '../scope/function-scope.ts'
import { emitKeysSame, keepKeys } from './group-keys.ts'
import type { GroupTable } from '../../model/pipeline.ts'
import type { PipelineModule } from '../scope/pipeline-module.ts'
import { laneTypes } from '../../../functions/emit.ts'
import { groupHeader, type RowField } from '../../model/row-layout.ts'
import { emitValid } from '../scope/values.ts'
import { emitWideKeep, emitWideSame, isWide, wideKeys, type WideKeys } from './wide-keys.ts'

const CLEARED_BY_STORES_MAX = 256
/** A function that finds the row of a group. */
export interface FindGroup {
  readonly index: FunctionIndex
  /** Where the context holds the keys to look for, if they are not parameters. */
  readonly wide: WideKeys | undefined
}

/**
 * Defines `find(ctx, sink, hash, key lanes and validity) -> address` of a group's row, made when it
 * is not there. The table is a directory of row addresses with linear probing; rows carry their hash.
 * `stableKeys[i]`: key i's text outlives the batch.
 */
export function defineFind(
  module: PipelineModule,
  table: GroupTable,
  tableIndex: number,
  stableKeys: readonly boolean[],
): FindGroup {
  const fields = table.layout.fields.slice(0, table.keys.length)
  const wide = isWide(fields) ? wideKeys(module, fields) : undefined
  const params: ValueType[] = ['i32', 'i32', 'i32', ...(wide ? [] : fields.flatMap(keyParams))]
  const { builder: f, index } = module.builder.defineFunction(params, ['i32'])
  const scope = new FunctionScope(module, f)
  const [sink, hash] = [f.param(1), f.param(2)]
  const keys = wide ? [] : keysGiven(scope, fields)
  const [slot, address, row] = [f.local('i32'), f.local('i32'), f.local('i32')]
  f.get(hash).set(slot)
  const free = f.block()
  const again = f.loop()
  f.get(slot).get(sink).memory('i32.load', sinkWords.mask).op('i32.and').set(slot)
  f.get(sink).memory('i32.load', sinkWords.directory).get(slot).i32(2).op('i32.shl').op('i32.add')
  f.tee(address).memory('i32.load').tee(row).op('i32.eqz').branchIf(free)
  f.get(row).memory('i32.load', groupHeader.hash).get(hash).op('i32.eq').if()
  if (wide) emitWideSame(scope, wide, row)
  else emitKeysSame(scope, keys, row, fields)
  f.if()
  f.get(row).op('return')
  f.end()
  f.end()
  f.get(slot).i32(1).op('i32.add').set(slot).branch(again)
  f.end()
  f.end()
  emitTakeRow(scope, tableIndex, table.layout.rowBytes, sink, row)
  emitClear(f, row, table.layout.rowBytes)
  f.get(row).get(hash).memory('i32.store', groupHeader.hash)
  if (wide) emitWideKeep(scope, wide, row, stableKeys)
  else keepKeys(scope, keys, row, fields, stableKeys)
  f.get(address).get(row).memory('i32.store')
  emitCount(scope, tableIndex, sink)
  f.get(row)
  return { index, wide }
}

/** Short rows are cleared by stores: a bulk fill costs a call into the engine. */
function emitClear(f: FunctionBuilder, row: Local, bytes: number): void {
  if (bytes > CLEARED_BY_STORES_MAX) {
    f.get(row).i32(0).i32(bytes).memoryFill()
    return
  }
  for (let at = 0; at < bytes; at += 8) f.get(row).i64(0n).memory('i64.store', at)
}

function keyParams(field: RowField): readonly ValueType[] {
  const lanes = laneTypes(field.type)
  return field.validOffset === undefined ? lanes : [...lanes, 'i32']
}

/** The keys that a find function is given as parameters. */
function keysGiven({ f }: EmitScope, fields: readonly RowField[]): readonly Value[] {
  let next = 3
  return fields.map((field) => {
    const lanes = laneTypes(field.type).map(() => f.param(next++))
    const valid = field.validOffset === undefined ? undefined : f.param(next++)
    return { type: field.type, lanes, valid, range: undefined }
  })
}

/** Takes the next row of a writer's page; the host gives another page when it is full. */
export function emitTakeRow(
  scope: EmitScope,
  writer: number,
  rowBytes: number,
  sink: Local,
  row: Local,
): void {
  const { f } = scope
  f.get(sink).memory('i32.load', sinkWords.end)
  f.get(sink).memory('i32.load', sinkWords.cursor).tee(row).op('i32.sub')
  f.i32(rowBytes).op('i32.lt_u').if()
  f.i32(writer)
  scope.module.callHost(f, 'newPage')
  f.get(sink).memory('i32.load', sinkWords.cursor).set(row)
  f.end()
  f.get(sink).get(row).i32(rowBytes).op('i32.add').memory('i32.store', sinkWords.cursor)
}

function emitCount(scope: EmitScope, tableIndex: number, sink: Local): void {
  const { f } = scope
  const count = f.local('i32')
  f.get(sink).memory('i32.load', sinkWords.count).i32(1).op('i32.add').set(count)
  f.get(sink).get(count).memory('i32.store', sinkWords.count)
  f.get(count).get(sink).memory('i32.load', sinkWords.countMax).op('i32.gt_u').if()
  f.i32(tableIndex)
  scope.module.callHost(f, 'growTable')
  f.end()
}

/** Calls find with its first three arguments on the stack and the keys as the fields hold them. */
export function callFind(
  { f }: EmitScope,
  { index }: FindGroup,
  keys: readonly Value[],
  fields: readonly RowField[],
): void {
  keys.forEach((key, position) => {
    for (const lane of key.lanes) f.get(lane)
    if (present(fields[position], 'field of a key').validOffset !== undefined) emitValid(f, key)
  })
  f.call(index)
}
