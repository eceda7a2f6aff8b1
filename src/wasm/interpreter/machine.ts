import type { FunctionBuilder, Label, Local } from '../assembler/function-builder.ts'
import { ModuleBuilder } from '../assembler/module-builder.ts'
import type { MemoryOpcode, SimdMemoryOpcode, ValueType } from '../assembler/opcodes.ts'
import { JUMPS, type Instruction, type InstructionSet } from './instruction-set.ts'
import { functionHeader } from './translate.ts'

/** What the machine is entered with besides the function and the stack; generated code has as many at most. */
export const ENTRY_PARAMS = 3

/** A function of the machine while it is emitted, with its locals. */
interface Machine {
  readonly f: FunctionBuilder
  /** The address of the instruction, and of the frame of the function that it belongs to. */
  readonly pc: Local
  readonly frame: Local
  /** The address of the function's header. */
  readonly fn: Local
  readonly again: Label
}

/**
 * Builds the module that runs translated modules: one loop over the instructions of a set, written with the
 * assembler that modules are written with, from the same tables. Its export `enter(fn, stack, a, b, c)` calls
 * a function at an address; its frame lies on the stack, and those of what it calls behind it.
 */
export function buildMachine(memoryPages: number, set: InstructionSet): Uint8Array {
  const module = new ModuleBuilder(memoryPages)
  const { builder: f, index: self } = module.defineFunction(['i32', 'i32'], [])
  const [fn, frame, pc] = [f.param(0), f.param(1), f.local('i32')]
  emitPrologue(f, fn, frame, pc)
  const again = f.loop()
  const cases: Label[] = []
  for (let number = 0; number < JUMPS + set.all.length; number++) cases.unshift(f.block())
  f.get(pc).memory('i32.load').branchTable(cases, cases[0]!)
  const machine: Machine = { f, pc, frame, fn, again }
  f.end()
  emitBranch(machine)
  f.end()
  emitBranchIf(machine, false)
  f.end()
  emitBranchIf(machine, true)
  f.end()
  emitCall(machine, () => f.call(self))
  for (const instruction of set.all) {
    f.end()
    emitSimple(machine, instruction, module)
  }
  f.end()
  const { builder: enter } = module.defineFunction(
    Array.from({ length: 2 + ENTRY_PARAMS }, () => 'i32' as const),
    [],
    'enter',
  )
  const [entered, base] = [enter.param(0), enter.local('i32')]
  enter.get(enter.param(1)).get(entered).memory('i32.load', functionHeader.constantBytes)
  enter.op('i32.add').set(base)
  for (let param = 0; param < ENTRY_PARAMS; param++) {
    enter
      .get(base)
      .get(enter.param(2 + param))
      .memory('i32.store', 8 * param)
  }
  enter.get(entered).get(base).call(self)
  return module.finish()
}

/** Fills the frame: constants before it, zeros where locals are that are no parameters. */
function emitPrologue(f: FunctionBuilder, fn: Local, frame: Local, pc: Local): void {
  const header = (at: number): FunctionBuilder => f.get(fn).memory('i32.load', at)
  f.get(frame)
  header(functionHeader.constantBytes).op('i32.sub')
  f.get(fn).i32(functionHeader.bytes).op('i32.add')
  header(functionHeader.constantBytes).memoryCopy()
  f.get(frame)
  header(functionHeader.clearedOffset).op('i32.add')
  f.i32(0)
  header(functionHeader.clearedBytes).memoryFill()
  f.get(fn).i32(functionHeader.bytes).op('i32.add')
  header(functionHeader.constantBytes).op('i32.add').set(pc)
}

/** Pushes the word of the instruction at a position. */
function pushWord({ f, pc }: Machine, position: number): FunctionBuilder {
  return f.get(pc).memory('i32.load', 4 * position)
}

/** Pushes the address of the slot that the word at a position names. */
function pushSlot(machine: Machine, position: number): FunctionBuilder {
  machine.f.get(machine.frame)
  return pushWord(machine, position).op('i32.add')
}

/** Goes on with the instruction behind this one, which has so many words. */
function emitNext({ f, pc, again }: Machine, words: number): void {
  f.get(pc)
    .i32(4 * words)
    .op('i32.add')
    .set(pc)
    .branch(again)
}

function emitBranch(machine: Machine): void {
  const { f, pc, again } = machine
  f.get(pc)
  pushWord(machine, 1).op('i32.add').set(pc).branch(again)
}

function emitBranchIf(machine: Machine, isUnless: boolean): void {
  const { f } = machine
  pushSlot(machine, 2).memory('i32.load')
  if (isUnless) f.op('i32.eqz')
  f.if()
  emitBranch(machine)
  f.end()
  emitNext(machine, 3)
}

/**
 * Calls another function of the module: its way from here, the slot of its result, how many operands, and
 * their slots, which are copied to the frame behind this one. A function leaves its result at the start of
 * its frame.
 */
function emitCall(machine: Machine, call: () => void): void {
  const { f, pc, frame, fn, again } = machine
  const [callee, inner, operands] = [f.local('i32'), f.local('i32'), f.local('i32')]
  f.get(pc)
  pushWord(machine, 1).op('i32.add').set(callee)
  f.get(frame).get(fn).memory('i32.load', functionHeader.frameBytes).op('i32.add')
  f.get(callee).memory('i32.load', functionHeader.constantBytes).op('i32.add').set(inner)
  const operand = f.local('i32')
  pushWord(machine, 3).i32(4).op('i32.mul').set(operands)
  const done = f.block()
  const more = f.loop()
  f.get(operand).get(operands).op('i32.eq').branchIf(done)
  f.get(inner).get(operand).i32(1).op('i32.shl').op('i32.add')
  f.get(frame).get(pc).get(operand).op('i32.add').memory('i32.load', 16).op('i32.add')
  f.memory('i64.load').memory('i64.store')
  f.get(operand).i32(4).op('i32.add').set(operand)
  f.branch(more)
  f.end()
  f.end()
  // Each call begins with the first operand again.
  f.i32(0).set(operand)
  f.get(callee).get(inner)
  call()
  pushSlot(machine, 2)
  f.get(inner).memory('i64.load').memory('i64.store')
  f.get(pc).i32(16).op('i32.add').get(operands).op('i32.add').set(pc).branch(again)
}

function emitSimple(machine: Machine, instruction: Instruction, module: ModuleBuilder): void {
  const { f } = machine
  const { params, result, hasOffset } = instruction
  let words = 1
  if (result !== undefined) pushSlot(machine, words++)
  const offsetAt = words + params.length
  params.forEach((type, operand) => {
    pushSlot(machine, words++).memory(load(type))
    if (hasOffset && operand === 0) pushWord(machine, offsetAt).op('i32.add')
  })
  instruction.emit(f, module)
  if (result !== undefined) f.memory(store(result))
  emitNext(machine, hasOffset ? words + 1 : words)
}

function load(type: ValueType): MemoryOpcode | SimdMemoryOpcode {
  return `${type}.load`
}

function store(type: ValueType): MemoryOpcode | SimdMemoryOpcode {
  return `${type}.store`
}
