import type { FunctionBuilder } from '../assembler/function-builder.ts'
import type { ModuleBuilder } from '../assembler/module-builder.ts'
import {
  memoryOpcodes,
  opcodes,
  simdLaneOpcodes,
  simdMemoryOpcodes,
  simdOpcodes,
  type MemoryOpcode,
  type Opcode,
  type SimdLaneOpcode,
  type SimdMemoryOpcode,
  type SimdOpcode,
  type ValueType,
} from '../assembler/opcodes.ts'
import {
  laneCount,
  numericSignature,
  simdLaneSignature,
  simdSignature,
  type ControlOpcode,
  type Signature,
} from '../assembler/signatures.ts'
import { bulkCode, simdCode } from './code-reader.ts'

/**
 * An instruction of the interpreter: its number, then the slot of the result where there is one, those of
 * the operands, and a constant that is added to the first of them where it has one; words of 32 bits.
 */
export interface Instruction extends Signature {
  readonly number: number
  readonly hasOffset: boolean
  /** Emits what is done with the operands once they are on the stack. */
  emit(f: FunctionBuilder, module: ModuleBuilder): void
}

/** A function that modules may import. `table`: they call it as entry 0 of the imported table of that name. */
export interface LinkedFunction {
  readonly module: string
  readonly name: string
  readonly params: readonly ValueType[]
  readonly results: readonly ValueType[]
  readonly isTable?: boolean
}

/** Instructions whose operands are no slots; numbered before all others. */
export const jumps = { branch: 0, branchIf: 1, branchUnless: 2, call: 3 } as const
export const JUMPS = Object.keys(jumps).length

const control: ReadonlySet<Opcode> = new Set<ControlOpcode>([
  'unreachable',
  'nop',
  'return',
  'drop',
  'select',
])

/** What modules are translated to and the machine runs; made of the assembler's tables. */
export class InstructionSet {
  /** All in the order of their numbers, from {@link JUMPS} on. */
  readonly all: Instruction[] = []
  /** By opcode, see {@link simdCode}; instructions with a lane by {@link laneCode}. */
  readonly byCode: (Instruction | undefined)[] = []
  readonly copies: Readonly<Record<ValueType, Instruction>>
  readonly selects: Readonly<Record<ValueType, Instruction>>
  readonly unreachable: Instruction
  readonly return: Instruction
  readonly #linked = new Map<string, Instruction>()
  /** Calls the entry of the imported table. */
  readonly indirect: Instruction | undefined

  constructor(linked: readonly LinkedFunction[]) {
    const none: Signature = { params: [], result: undefined }
    this.unreachable = this.#add(none, (f) => void f.op('unreachable'))
    this.return = this.#add(none, (f) => void f.op('return'))
    this.copies = byType((type) => this.#add({ params: [type], result: type }, () => {}))
    this.selects = byType((type) =>
      this.#add({ params: [type, type, 'i32'], result: type }, (f) => void f.op('select')),
    )
    this.#addNumeric()
    this.#addMemory()
    this.#addSimd()
    for (const fn of linked) {
      const added = this.#add({ params: fn.params, result: fn.results[0] }, (f, module) =>
        emitLinkedCall(f, module, fn),
      )
      if (fn.isTable === true) this.indirect = added
      else this.#linked.set(`${fn.module}.${fn.name}`, added)
    }
  }

  /** The instruction that calls an imported function; undefined for one that was not named. */
  linked(module: string, name: string): Instruction | undefined {
    return this.#linked.get(`${module}.${name}`)
  }

  #addNumeric(): void {
    for (const name of namesOf(opcodes)) {
      if (isControl(name)) continue
      this.byCode[opcodes[name]] = this.#add(numericSignature(name), (f) => void f.op(name))
    }
  }

  #addMemory(): void {
    for (const name of namesOf(memoryOpcodes)) {
      this.byCode[memoryOpcodes[name][0]] = this.#addAccess(name)
    }
    for (const name of namesOf(simdMemoryOpcodes)) {
      this.byCode[simdCode(simdMemoryOpcodes[name][0])] = this.#addAccess(name)
    }
    const bulk: Signature = { params: ['i32', 'i32', 'i32'], result: undefined }
    this.byCode[bulkCode.copy] = this.#add(bulk, (f) => void f.memoryCopy())
    this.byCode[bulkCode.fill] = this.#add(bulk, (f) => void f.memoryFill())
  }

  #addAccess(name: MemoryOpcode | SimdMemoryOpcode): Instruction {
    const [type, action] = name.split('.') as [ValueType, string]
    const signature: Signature = action.startsWith('load')
      ? { params: ['i32'], result: type }
      : { params: ['i32', type], result: undefined }
    return this.#add(signature, (f) => void f.memory(name), true)
  }

  #addSimd(): void {
    for (const name of namesOf<SimdOpcode>(simdOpcodes)) {
      this.byCode[simdCode(simdOpcodes[name])] = this.#add(
        simdSignature(name),
        (f) => void f.simd(name),
      )
    }
    for (const name of namesOf<SimdLaneOpcode>(simdLaneOpcodes)) {
      for (let lane = 0; lane < laneCount(name); lane++) {
        this.byCode[laneCode(simdCode(simdLaneOpcodes[name]), lane)] = this.#add(
          simdLaneSignature(name),
          (f) => void f.simdLane(name, lane),
        )
      }
    }
  }

  #add(signature: Signature, emit: Instruction['emit'], hasOffset = false): Instruction {
    const added = { ...signature, number: JUMPS + this.all.length, hasOffset, emit }
    this.all.push(added)
    return added
  }
}

/** Where instructions of an opcode with a lane are found, lane by lane. */
export function laneCode(code: number, lane: number): number {
  return code + 0x300 * (lane + 1)
}

function isControl(name: Opcode): name is ControlOpcode {
  return control.has(name)
}

function namesOf<K extends string>(table: Readonly<Record<K, unknown>>): readonly K[] {
  return Object.keys(table) as K[]
}

function byType(make: (type: ValueType) => Instruction): Record<ValueType, Instruction> {
  return {
    i32: make('i32'),
    i64: make('i64'),
    f32: make('f32'),
    f64: make('f64'),
    v128: make('v128'),
  }
}

function emitLinkedCall(
  f: FunctionBuilder,
  builder: ModuleBuilder,
  { module, name, params, results, isTable }: LinkedFunction,
): void {
  if (isTable === true) f.i32(0).callIndirect(builder.importTable(module, name, params, results))
  else f.call(builder.importFunction(module, name, params, results))
}
