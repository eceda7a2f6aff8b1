import { assert } from '../../base/assert.ts'
import { QueryError } from '../../base/errors.ts'
import type { Brand } from '../../base/brand.ts'
import { ByteSink } from './byte-sink.ts'
import {
  memoryOpcodes,
  opcodes,
  simdLaneOpcodes,
  simdMemoryOpcodes,
  simdOpcodes,
  valueTypeCodes,
  type MemoryOpcode,
  type Opcode,
  type SimdLaneOpcode,
  type SimdMemoryOpcode,
  type SimdOpcode,
  type ValueType,
} from './opcodes.ts'

/** Index of a local of one function. */
export type Local = Brand<number, 'Local'>
/** Names a function of the module that is being built, imported or defined. */
export type FunctionIndex = Brand<number, 'FunctionIndex'>
/** A block that can be branched to, until its `end`. */
export type Label = Brand<number, 'Label'>

const EMPTY_BLOCK = 0x40
const SIMD_PREFIX = 0xfd
const BULK_PREFIX = 0xfc

/** What V8 takes of one function. */
const PARAMS_MAX = 1_000
const LOCALS_MAX = 50_000
const CODE_BYTES_MAX = 7_654_321

function refuseTooLarge(count: number, countMax: number, what: string): void {
  if (count <= countMax) return
  throw new QueryError(
    'PROGRAM_LIMIT_EXCEEDED',
    `the statement needs ${count} ${what} at once, more than ${countMax}`,
    { hint: 'Split the statement, or select, group or sort by fewer columns.' },
  )
}

/**
 * Emits the body of one function, instruction by instruction, straight into bytes. It checks the
 * nesting of blocks; types are checked by the engine when the module compiles.
 */
export class FunctionBuilder {
  readonly params: readonly ValueType[]
  readonly results: readonly ValueType[]
  readonly #locals: ValueType[] = []
  readonly #free = new Map<ValueType, Local[]>()
  #code = new ByteSink()
  /** Runs before the code: what loops need from memory once. */
  readonly #prologue = new ByteSink(256)
  /** Calls without their operand: function indices are known when the module is finished. */
  readonly #calls: { readonly at: number; readonly callee: FunctionIndex }[] = []
  #depth = 0

  constructor(params: readonly ValueType[], results: readonly ValueType[]) {
    this.params = params
    this.results = results
  }

  param(index: number): Local {
    assert(index < this.params.length, 'parameter index past the end')
    return index as Local
  }

  /** A local of a type: a released one when there is one, else a new one (initially 0). */
  local(type: ValueType): Local {
    const recycled = this.#free.get(type)?.pop()
    if (recycled !== undefined) return recycled
    this.#locals.push(type)
    return (this.params.length + this.#locals.length - 1) as Local
  }

  /**
   * A new local that is computed before the body: `emit` leaves its value on the stack and may use
   * parameters and other hoisted locals only, no calls. The local is never to be released.
   */
  hoisted(type: ValueType, emit: () => void): Local {
    this.#locals.push(type)
    const local = (this.params.length + this.#locals.length - 1) as Local
    const body = this.#code
    this.#code = this.#prologue
    emit()
    this.set(local)
    this.#code = body
    return local
  }

  /** Lets a later {@link local} reuse a local whose value is no longer needed. */
  release(local: Local): void {
    const type = this.typeOf(local)
    const free = this.#free.get(type)
    if (free === undefined) this.#free.set(type, [local])
    else free.push(local)
  }

  typeOf(local: Local): ValueType {
    const type = this.params[local] ?? this.#locals[local - this.params.length]
    assert(type !== undefined, 'unknown local')
    return type
  }

  get(local: Local): this {
    this.#code.byte(0x20)
    this.#code.unsigned(local)
    return this
  }

  set(local: Local): this {
    this.#code.byte(0x21)
    this.#code.unsigned(local)
    return this
  }

  tee(local: Local): this {
    this.#code.byte(0x22)
    this.#code.unsigned(local)
    return this
  }

  i32(value: number): this {
    this.#code.byte(0x41)
    this.#code.signed(value)
    return this
  }

  i64(value: bigint): this {
    this.#code.byte(0x42)
    this.#code.signed64(value)
    return this
  }

  f32(value: number): this {
    this.#code.byte(0x43)
    this.#code.float32(value)
    return this
  }

  f64(value: number): this {
    this.#code.byte(0x44)
    this.#code.float64(value)
    return this
  }

  op(name: Opcode): this {
    this.#code.byte(opcodes[name])
    return this
  }

  simd(name: SimdOpcode): this {
    this.#code.byte(SIMD_PREFIX)
    this.#code.unsigned(simdOpcodes[name])
    return this
  }

  simdLane(name: SimdLaneOpcode, lane: number): this {
    this.#code.byte(SIMD_PREFIX)
    this.#code.unsigned(simdLaneOpcodes[name])
    this.#code.byte(lane)
    return this
  }

  /** A load or store at the address on the stack plus a constant offset in bytes. */
  memory(name: MemoryOpcode | SimdMemoryOpcode, offsetBytes = 0): this {
    if (name === 'v128.load' || name === 'v128.store') {
      const [code] = simdMemoryOpcodes[name]
      this.#code.byte(SIMD_PREFIX)
      this.#code.unsigned(code)
    } else {
      this.#code.byte(memoryOpcodes[name][0])
    }
    // Alignment is only a hint; columns at odd addresses (views into files) make 0 the honest one.
    this.#code.unsigned(0)
    this.#code.unsigned(offsetBytes)
    return this
  }

  /** memory.copy of the destination, source and byte count on the stack. */
  memoryCopy(): this {
    for (const code of [BULK_PREFIX, 10, 0, 0]) this.#code.byte(code)
    return this
  }

  /** memory.fill of the destination, byte and byte count on the stack. */
  memoryFill(): this {
    for (const code of [BULK_PREFIX, 11, 0]) this.#code.byte(code)
    return this
  }

  call(callee: FunctionIndex): this {
    this.#code.byte(0x10)
    this.#calls.push({ at: this.#code.length, callee })
    return this
  }

  /** Calls the entry of table 0 whose index is on the stack, as a function of the type with this index. */
  callIndirect(type: number): this {
    this.#code.byte(0x11)
    this.#code.unsigned(type)
    this.#code.byte(0)
    return this
  }

  block(result?: ValueType): Label {
    return this.#open(0x02, result)
  }

  loop(result?: ValueType): Label {
    return this.#open(0x03, result)
  }

  /** Opens an if on the i32 on the stack. */
  if(result?: ValueType): Label {
    return this.#open(0x04, result)
  }

  else(): this {
    this.#code.byte(0x05)
    return this
  }

  /** Closes the innermost block, loop or if. */
  end(): this {
    assert(this.#depth > 0, 'end without a block')
    this.#depth--
    this.#code.byte(0x0b)
    return this
  }

  branch(label: Label): this {
    this.#code.byte(0x0c)
    this.#code.unsigned(this.#depth - label)
    return this
  }

  branchIf(label: Label): this {
    this.#code.byte(0x0d)
    this.#code.unsigned(this.#depth - label)
    return this
  }

  /** Branches to the label whose position is on the stack, to `otherwise` past the last. */
  branchTable(labels: readonly Label[], otherwise: Label): this {
    this.#code.byte(0x0e)
    this.#code.unsigned(labels.length)
    for (const label of [...labels, otherwise]) this.#code.unsigned(this.#depth - label)
    return this
  }

  /**
   * The encoded body: local declarations, code, end; for the caller to recycle. `resolve` gives a
   * callee's final index. The builder is not to be used afterwards.
   */
  finish(resolve: (callee: FunctionIndex) => number): ByteSink {
    assert(this.#depth === 0, 'unclosed block')
    refuseTooLarge(this.params.length, PARAMS_MAX, 'parameters')
    refuseTooLarge(this.params.length + this.#locals.length, LOCALS_MAX, 'values')
    refuseTooLarge(this.#code.length + this.#prologue.length, CODE_BYTES_MAX, 'bytes of code')
    const body = new ByteSink(this.#code.length + 64)
    const runs: { type: ValueType; count: number }[] = []
    for (const type of this.#locals) {
      const last = runs.at(-1)
      if (last?.type === type) last.count++
      else runs.push({ type, count: 1 })
    }
    body.unsigned(runs.length)
    for (const run of runs) {
      body.unsigned(run.count)
      body.byte(valueTypeCodes[run.type])
    }
    body.bytes(this.#prologue.view())
    const code = this.#code.view()
    let copied = 0
    for (const { at, callee } of this.#calls) {
      body.bytes(code.subarray(copied, at))
      body.unsigned(resolve(callee))
      copied = at
    }
    body.bytes(code.subarray(copied))
    body.byte(0x0b)
    this.#code.recycle()
    this.#prologue.recycle()
    return body
  }

  #open(code: number, result: ValueType | undefined): Label {
    this.#code.byte(code)
    this.#code.byte(result === undefined ? EMPTY_BLOCK : valueTypeCodes[result])
    this.#depth++
    return this.#depth as Label
  }
}
