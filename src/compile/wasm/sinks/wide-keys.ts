import { laneTypes } from '../../../functions/emit.ts'
import type { Value } from '../../../functions/inline.ts'
import type { FunctionIndex, Local } from '../../../wasm/assembler/function-builder.ts'
import type { ValueType } from '../../../wasm/assembler/opcodes.ts'
import { emitKeysSame, keepKeys } from './group-keys.ts'
import type { EmitScope } from '../scope/emit-scope.ts'
import { FunctionScope } from '../scope/function-scope.ts'
import type { PipelineModule } from '../scope/pipeline-module.ts'
import type { RowField } from '../../model/row-layout.ts'
import { emitLoad, emitStore, emitValid, loadField, withAllLanes } from '../scope/values.ts'

/**
 * Keys that one function handles. The engine's first compiler takes time and memory for each local at each
 * branch: the keys of a group of 4,000 columns in one function took gigabytes.
 */
const FUNCTION_KEYS_MAX = 64

/** The keys of a group that are too many for one function, as they lie in the context. */
export interface WideKeys {
  readonly module: PipelineModule
  readonly parts: readonly KeyPart[]
}

/** Some of them, which one function handles. */
export interface KeyPart {
  /** The number of the first. */
  readonly from: number
  readonly fields: readonly RowField[]
  /** Where the lanes and validity of each key lie in the context, 8 bytes each. */
  readonly places: readonly number[]
}

export function isWide(fields: readonly RowField[]): boolean {
  return fields.length > FUNCTION_KEYS_MAX
}

export function wideKeys(module: PipelineModule, fields: readonly RowField[]): WideKeys {
  const parts: KeyPart[] = []
  for (let from = 0; from < fields.length; from += FUNCTION_KEYS_MAX) {
    const own = fields.slice(from, from + FUNCTION_KEYS_MAX)
    const places = own.map(({ type }) => module.context.scratch(8 * (laneTypes(type).length + 1)))
    parts.push({ from, fields: own, places })
  }
  return { module, parts }
}

/** Puts keys of a part, as its fields hold them, where {@link emitWideSame} finds them. */
export function storeKeys(scope: EmitScope, part: KeyPart, keys: readonly Value[]): void {
  const { f, ctx } = scope
  keys.forEach((key, index) => {
    const { lanes } = withAllLanes(f, key)
    const place = part.places[index]!
    lanes.forEach((lane, position) => {
      f.get(ctx).get(lane)
      emitStore(f, f.typeOf(lane), place + 8 * position)
    })
    if (part.fields[index]!.validOffset === undefined) return
    f.get(ctx)
    emitValid(f, key)
    f.memory('i32.store', place + 8 * lanes.length)
  })
}

/** Puts the keys of a group's row there. */
export function emitWideLoad(scope: EmitScope, wide: WideKeys, row: Local): void {
  for (const part of wide.parts) {
    callPart(scope, wide, row, [], (own, from) => {
      const keys = part.fields.map((field) => loadField(own.f, from, field))
      storeKeys(own, part, keys)
    })
  }
}

/** Pushes 1 when the keys equal those of a row. */
export function emitWideSame(scope: EmitScope, wide: WideKeys, row: Local): void {
  const { f } = scope
  const same = f.local('i32')
  f.i32(0).set(same)
  const differs = f.block()
  for (const part of wide.parts) {
    callPart(scope, wide, row, ['i32'], (own, from) => {
      emitKeysSame(own, keysOf(own, part), from, part.fields)
    })
    f.op('i32.eqz').branchIf(differs)
  }
  f.i32(1).set(same)
  f.end()
  f.get(same)
  f.release(same)
}

/** Stores the keys in a new row; `stableKeys[i]`: key i's text outlives the batch. */
export function emitWideKeep(
  scope: EmitScope,
  wide: WideKeys,
  row: Local,
  stableKeys: readonly boolean[],
): void {
  for (const part of wide.parts) {
    callPart(scope, wide, row, [], (own, to) => {
      keepKeys(own, keysOf(own, part), to, part.fields, stableKeys.slice(part.from))
    })
  }
}

/** Calls a function of its own, which gets the context and a row. */
function callPart(
  { f, ctx }: EmitScope,
  { module }: WideKeys,
  row: Local,
  results: readonly ValueType[],
  emit: (scope: EmitScope, row: Local) => void,
): void {
  const part: { readonly builder: EmitScope['f']; readonly index: FunctionIndex } =
    module.builder.defineFunction(['i32', 'i32'], [...results])
  emit(new FunctionScope(module, part.builder), part.builder.param(1))
  f.get(ctx).get(row).call(part.index)
}

function keysOf({ f, ctx }: EmitScope, part: KeyPart): readonly Value[] {
  const load = (type: ValueType, offset: number): Local => {
    const local = f.local(type)
    f.get(ctx)
    emitLoad(f, type, offset)
    f.set(local)
    return local
  }
  return part.fields.map(({ type, validOffset }, index) => {
    const place = part.places[index]!
    const types = laneTypes(type)
    const lanes = types.map((lane, position) => load(lane, place + 8 * position))
    const valid = validOffset === undefined ? undefined : load('i32', place + 8 * types.length)
    return { type, lanes, valid, range: undefined }
  })
}
