import { inspect as inspected, isDeepStrictEqual as equals } from 'node:util'
import { QueryError } from '../../src/base/errors.ts'
import type { ValueBounds } from '../../src/data/types/value-bounds.ts'
import { kernelContract } from '../../src/wasm/kernels/contract.ts'
import { Arena } from '../../src/data/arenas/arena.ts'
import { Heap } from '../../src/data/arenas/heap.ts'
import type { DataType } from '../../src/data/types/data-type.ts'
import type { Scalar } from '../../src/data/types/scalar.ts'
import { scalarOfBytes } from '../../src/data/vectors/text-values.ts'
import { vectorFromScalars } from '../../src/data/vectors/from-scalars.ts'
import { readNumericSlot, WideNumerics } from '../../src/data/vectors/numeric-slots.ts'
import { NO_ADDRESS, type Address, type Vector } from '../../src/data/vectors/vector.ts'
import { compileExpression, compilePredicate } from '../../src/compile/expressions/expression.ts'
import type { CodeScope } from '../../src/compile/expressions/scope.ts'
import { writeMemberSet } from '../../src/exec/thread/member-sets.ts'
import { WORKSPACE_BYTES, type RaiseReason, type Value } from '../../src/functions/inline.ts'
import { layOutRow, type RowLayout } from '../../src/compile/model/row-layout.ts'
import { loadField, storeField } from '../../src/compile/wasm/scope/values.ts'
import { fieldReader } from '../../src/exec/rows/row-values.ts'
import { fieldWriter } from '../../src/exec/rows/write-field.ts'
import type {
  Call,
  Cast,
  ColumnId,
  Expression,
  Literal,
} from '../../src/plan/logical/expression.ts'
import type { FunctionBuilder, Local } from '../../src/wasm/assembler/function-builder.ts'
import { applyTo } from '../../src/plan/logical/evaluate.ts'
import { ModuleBuilder } from '../../src/wasm/assembler/module-builder.ts'
import { Interpreter } from '../../src/wasm/interpreter/interpreter.ts'
import { loadKernels } from '../../src/wasm/kernels/loader.ts'

const PAGES = 1_024

export interface TestColumn {
  readonly id: ColumnId
  readonly type: DataType
  readonly values: readonly Scalar[]
  /** Whether generated code may know the smallest and largest value. */
  readonly ranged: boolean
}

/** What generated code did for one row: a value, the expression it blamed and why, or an error of TypeScript. */
export type Outcome =
  | { readonly value: Scalar }
  | { readonly error: string }
  | { readonly reason: RaiseReason; readonly blamed: Expression | undefined }

class Raised extends Error {
  readonly index: number
  constructor(index: number) {
    super('raised')
    this.index = index
  }
}

const memory = Heap.createMemory(PAGES * 65_536)
const heap = new Heap(memory)
const kernels = loadKernels(heap)

interface Raise {
  readonly reason: RaiseReason
  readonly blamed: Expression | undefined
}

/** What the modules of tests import besides kernels; their arguments are those of the present test. */
let allocate: (size: number) => number = () => fail('nothing runs')
let evaluate: (index: number) => void = () => fail('nothing runs')
const testFunctions = {
  raise(index: number) {
    throw new Raised(index)
  },
  allocate: (size: number) => allocate(size),
  evaluate: (index: number) => evaluate(index),
}

const interpreter = new Interpreter(
  heap,
  [
    { module: 'test', name: 'raise', params: ['i32'], results: [] },
    { module: 'test', name: 'allocate', params: ['i32'], results: ['i32'] },
    { module: 'test', name: 'evaluate', params: ['i32'], results: [] },
    ...Object.entries(kernelContract).map(([name, signature]) => ({
      module: 'kernel',
      name,
      ...signature,
    })),
  ],
  { kernel: kernels.exports, test: testFunctions },
)

/**
 * Compiles an expression into a module of its own and runs it over rows of columns: by the engine and by
 * the interpreter, which must agree.
 */
export function runCompiled(
  expr: Expression,
  columns: readonly TestColumn[],
  rows: number,
  form: 'value' | 'predicate' = 'value',
  inspect: (value: Value) => void = () => {},
): Outcome[] {
  const arena = new Arena(heap)
  try {
    const module = new ModuleBuilder(PAGES)
    const raise = module.importFunction('test', 'raise', ['i32'], [])
    const allocated = module.importFunction('test', 'allocate', ['i32'], ['i32'])
    const { builder: f } = module.defineFunction(['i32'], [], 'run')
    const evaluated = module.importFunction('test', 'evaluate', ['i32'], [])
    const workspace = arena.allocate(WORKSPACE_BYTES)
    const addressOf = (at: Address): Local => {
      const local = f.local('i32')
      f.i32(at).set(local)
      return local
    }
    const calls: { call: Call | Cast; layout: RowLayout; place: Address }[] = []
    const raises: Raise[] = []
    const vectors = new Map<ColumnId, readonly [Vector, ValueBounds | undefined]>()
    for (const { id, type, values, ranged } of columns) {
      const vector = vectorFromScalars(arena, type, values)
      vectors.set(id, [vector, ranged ? rangeOfValues(type, values) : undefined])
    }
    let blamed: Expression | undefined
    const row = f.param(0)
    const bound = new Map<ColumnId, Value>()
    const scope: CodeScope = {
      decision: () => undefined,
      entryValue: () => undefined,
      bind: (id, value) => bound.set(id, value),
      isCalledOut: () => false,
      cheap: new WeakMap(),
      f,
      raise(reason) {
        f.i32(raises.length).call(raise).op('unreachable')
        raises.push({ reason, blamed })
      },
      kernel: (name) => {
        const { params, results } = kernelContract[name]
        return module.importFunction('kernel', name, params, results)
      },
      allocateText: () => f.call(allocated),
      workspace: () => addressOf(workspace),
      kept: (bytes) => addressOf(arena.allocateZeroed(bytes)),
      settleText: () => {},
      bytes(content) {
        const at = arena.allocate(content.length)
        heap.u8.set(content, at)
        const view = f.local('i64')
        f.i64((BigInt(content.length) << 32n) | BigInt(at)).set(view)
        return view
      },
      evaluateHere(call, args, into, valid) {
        const types = [...args.map(({ type }) => type), call.type]
        const requests = types.map((type) => ({ id: 0 as ColumnId, type, nullable: true }))
        const layout = layOutRow(0, requests)
        const place = arena.allocateZeroed(layout.rowBytes)
        f.i32(place)
        const address = f.local('i32')
        f.set(address)
        args.forEach((arg, index) => storeField(f, address, layout.fields[index]!, arg))
        f.i32(calls.length).call(evaluated)
        calls.push({ call, layout, place })
        const result = loadField(f, address, layout.fields.at(-1)!)
        const { lanes } = result
        if (valid !== undefined) f.get(result.valid!).set(valid)
        into.forEach((local, index) => f.get(lanes[index]!).set(local))
      },
      column(id) {
        const value = bound.get(id)
        if (value !== undefined) return value
        const [vector, range] = vectors.get(id) ?? fail(`no column ${id}`)
        return load(f, vector, row, range)
      },
      parameter: () => fail('parameter in a test'),
      memberSet(set) {
        f.i32(writeMemberSet(arena, kernels, set))
        const address = f.local('i32')
        f.set(address)
        return address
      },
      literal(literal: Literal) {
        const vector = vectorFromScalars(arena, literal.type, [literal.value])
        f.i32(0)
        const first = f.local('i32')
        f.set(first)
        return load(f, vector, first, rangeOfValues(literal.type, [literal.value]))
      },
      blame(next) {
        const before = blamed
        blamed = next
        return before
      },
      branch: (emit) => emit(),
    }
    const out = arena.allocate(64)
    const wide = new WideNumerics(arena)
    const value: Value =
      form === 'value'
        ? compileExpression(scope, expr)
        : {
            type: { kind: 'bool' },
            lanes: [compilePredicate(scope, expr)],
            valid: undefined,
            range: undefined,
          }
    inspect(value)
    store(f, value, out)
    const bytes = module.finish() as Uint8Array<ArrayBuffer>
    allocate = (size) => arena.allocate(size)
    evaluate = (index) => {
      const { call, layout, place } = calls[index] ?? fail('unknown call')
      const fields = layout.fields.slice(0, -1)
      const given = fields.map((field) => fieldReader(heap, field)(place))
      const types = fields.map(({ type }) => type)
      const result = applyTo(call, given, types)
      fieldWriter(heap, layout.fields.at(-1)!, wide)(place, result)
    }
    const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
      env: { memory },
      kernel: kernels.exports,
      test: testFunctions,
    })
    const outcomes = (exports: Readonly<Record<string, unknown>>): Outcome[] => {
      const run = exports['run'] as (row: number) => void
      return Array.from({ length: rows }, (_, index): Outcome => {
        try {
          run(index)
        } catch (error) {
          if (error instanceof Raised) return raises[error.index] ?? fail('unknown raise')
          if (error instanceof QueryError) return { error: `${error.sqlState} ${error.message}` }
          throw error
        }
        return { value: read(value, out) }
      })
    }
    const found = outcomes(instance.exports)
    const translated = interpreter.translate(bytes, module.outline())
    const interpreted = outcomes(interpreter.load(arena, translated))
    if (!equals(interpreted, found)) {
      fail(`the interpreter: ${inspected(interpreted)}, the engine: ${inspected(found)}`)
    }
    return found
  } finally {
    arena.release()
  }
}

function fail(message: string): never {
  throw new Error(message)
}

function rangeOfValues(type: DataType, values: readonly Scalar[]): ValueBounds | undefined {
  const integral = new Set(['int2', 'int4', 'int8', 'decimal', 'date', 'time', 'timestamp'])
  if (!integral.has(type.kind)) return undefined
  const known = values.flatMap((value) => (value === null ? [] : [BigInt(value as bigint)]))
  if (known.length === 0) return undefined
  return known.reduce(
    (range, value) => ({
      min: value < range.min ? value : range.min,
      max: value > range.max ? value : range.max,
    }),
    { min: known[0]!, max: known[0]! },
  )
}

function load(
  f: FunctionBuilder,
  vector: Vector,
  row: Local,
  range: ValueBounds | undefined,
): Value {
  const at = (bytes: number, offset = 0): FunctionBuilder =>
    f
      .get(row)
      .i32(bytes)
      .op('i32.mul')
      .i32(vector.values + offset)
      .op('i32.add')
  const lanes: Local[] = []
  const keep = (type: 'i32' | 'i64' | 'f32' | 'f64'): void => {
    const local = f.local(type)
    f.set(local)
    lanes.push(local)
  }
  switch (vector.layout) {
    case 'bit':
      bit(f, vector.values, row)
      keep('i32')
      break
    case 'i16':
      at(2).memory('i32.load16_s')
      keep('i32')
      break
    case 'i32':
      at(4).memory('i32.load')
      keep('i32')
      break
    case 'i64':
      at(8).memory('i64.load')
      keep('i64')
      break
    case 'f32':
      at(4).memory('f32.load')
      keep('f32')
      break
    case 'f64':
      at(8).memory('f64.load')
      keep('f64')
      break
    case 'i128':
    case 'numeric':
    case 'interval':
      at(16).memory('i64.load')
      keep('i64')
      at(16).memory('i64.load', 8)
      keep('i64')
      if (vector.layout === 'i128' && range !== undefined && fits(range)) lanes.pop()
      break
    case 'utf8': {
      const offset = (extra: number): FunctionBuilder =>
        f.get(row).i32(4).op('i32.mul').i32(vector.offsets).op('i32.add').memory('i32.load', extra)
      offset(4)
      offset(0)
      f.op('i32.sub').op('i64.extend_i32_u').i64(32n).op('i64.shl')
      offset(0)
      f.i32(vector.values).op('i32.add').op('i64.extend_i32_u').op('i64.or')
      keep('i64')
      break
    }
    default:
      fail(`layout ${vector.layout}`)
  }
  let valid: Local | undefined
  if (vector.validity !== NO_ADDRESS) {
    bit(f, vector.validity, row)
    valid = f.local('i32')
    f.set(valid)
  }
  return { type: vector.type, lanes, valid, range }
}

function fits(range: ValueBounds): boolean {
  return range.min >= -(2n ** 63n) && range.max < 2n ** 63n
}

function bit(f: FunctionBuilder, bitmap: number, row: Local): void {
  f.get(row).i32(3).op('i32.shr_u').i32(bitmap).op('i32.add').memory('i32.load8_u')
  f.get(row).i32(7).op('i32.and').op('i32.shr_u').i32(1).op('i32.and')
}

function store(f: FunctionBuilder, value: Value, out: number): void {
  f.i32(out)
  if (value.valid === undefined) f.i32(1)
  else f.get(value.valid)
  f.memory('i32.store')
  value.lanes.forEach((local, index) => {
    const type = f.typeOf(local)
    if (type === 'v128') fail('v128 lane')
    else
      f.i32(out)
        .get(local)
        .memory(`${type}.store`, 8 + index * 8)
  })
}

function read(value: Value, out: number): Scalar {
  const { view, u8 } = heap
  if (view.getInt32(out, true) === 0) return null
  const at = out + 8
  switch (value.type.kind) {
    case 'bool':
      return view.getInt32(at, true) !== 0
    case 'int2':
    case 'int4':
    case 'date':
      return view.getInt32(at, true)
    case 'float4':
      return view.getFloat32(at, true)
    case 'float8':
      return view.getFloat64(at, true)
    case 'uuid':
    case 'decimal': {
      const low = view.getBigInt64(at, true)
      if (value.lanes.length === 1) return low
      return (view.getBigInt64(at + 8, true) << 64n) | BigInt.asUintN(64, low)
    }
    case 'numeric':
      return readNumericSlot(heap, at)
    case 'interval': {
      const first = view.getBigUint64(at, true)
      return {
        months: Number(BigInt.asIntN(32, first)),
        days: Number(BigInt.asIntN(32, first >> 32n)),
        micros: view.getBigInt64(at + 8, true),
      }
    }
    case 'text':
    case 'bpchar':
    case 'timetz':
    case 'json':
    case 'jsonb':
    case 'array':
    case 'range':
    case 'multirange':
    case 'record':
    case 'bit':
    case 'varbit':
    case 'bytea':
    case 'unknown': {
      const textView = view.getBigUint64(at, true)
      const start = Number(textView & 0xffffffffn)
      const bytes = u8.slice(start, start + Number(textView >> 32n))
      return scalarOfBytes(bytes, value.type)
    }
    default:
      return view.getBigInt64(at, true)
  }
}
