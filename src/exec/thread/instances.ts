import { assert, present } from '../../base/assert.ts'
import type { RunSide } from '../../compile/model/canonical-form.ts'
import { hostTable } from '../../compile/wasm/scope/host-calls.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import type { Address } from '../../data/vectors/vector.ts'
import type { Expression } from '../../plan/logical/expression.ts'
import type { LinkedFunction } from '../../wasm/interpreter/instruction-set.ts'
import { Interpreter } from '../../wasm/interpreter/interpreter.ts'
import { kernelContract } from '../../wasm/kernels/contract.ts'
import type { Kernels } from '../../wasm/kernels/loader.ts'
import { writeBytes, writeLiteral } from './bind-context.ts'
import { createHost, type Host } from './host-functions.ts'
import { writeMemberSet } from './member-sets.ts'
import type { CodeForm } from '../jobs/jobs.ts'
import type { LoadedModule } from './module-cache.ts'
import type { RunState } from './run-state.ts'
import type { Exports, Instance, RunRows } from './run-state.ts'

/** The functions of a thread that its modules import; kernels stand for the thread. */
const hosts = new WeakMap<Kernels, Host>()
/** Made when a thread has few rows to run for the first time. */
const interpreters = new WeakMap<Kernels, Interpreter>()
/** Instances keep nothing between runs but code, so runs of one thread share them. */
const instances = new WeakMap<LoadedModule, WeakMap<Kernels, Exports>>()

/** A module for a run: a context with its literals, and an instance that the thread may already have. */
export function instantiate(
  run: RunState,
  loaded: LoadedModule,
  side: RunSide,
  form: CodeForm = 'loaded',
): Instance {
  const { compiled } = loaded
  const context = run.work.allocateZeroed(compiled.contextBytes)
  const { u32, i32 } = run.env.heap
  for (const { offset, binding } of compiled.bindings) {
    const at = context + offset
    if (binding.kind === 'text') u32[at >>> 2] = writeBytes(run.work, binding.bytes)
    else if (binding.kind === 'parameter') {
      writeLiteral(run.work, at, present(side.literals[binding.index], 'literal of a parameter'))
    } else if (binding.kind === 'lane-constant') {
      i32[at >>> 2] = present(side.laneConstants[binding.index], 'constant of a filter')
    } else if (binding.kind === 'set') {
      u32[at >>> 2] = memberSetOf(run, side.origins[present(compiled.sets[binding.set], 'set')])
    }
  }
  const exports = form === 'loaded' ? exportsOf(run, loaded) : interpretedExports(run, loaded)
  const start = exports['run'] as RunRows
  const [vectors, entryTables] = [new Map(), new Map()]
  return { loaded, side, context, exports, run: start, vectors, entryTables, entryValues: [] }
}

/** Sets of members by their values: instances of one run share them. */
const memberSets = new WeakMap<RunState, Map<readonly Scalar[], Address>>()

function memberSetOf(run: RunState, expr: Expression | undefined): Address {
  assert(expr?.kind === 'in-set', 'set of another expression')
  const sets = memberSets.get(run) ?? new Map<readonly Scalar[], Address>()
  memberSets.set(run, sets)
  const known = sets.get(expr.values)
  if (known !== undefined) return known
  const made = writeMemberSet(run.work, run.env.kernels, expr)
  sets.set(expr.values, made)
  return made
}

/** Says whose rows the thread's generated code runs from here on. */
export function enter(run: RunState, instance: Instance): void {
  const { active } = hostOf(run)
  active.run = run
  active.instance = instance
}

function exportsOf(run: RunState, loaded: LoadedModule): Exports {
  const { heap, kernels } = run.env
  let known = instances.get(loaded)
  if (known === undefined) instances.set(loaded, (known = new WeakMap()))
  let exports = known.get(kernels)
  if (exports === undefined) {
    const imports = {
      env: { memory: heap.memory, host: hostTableOf(run) },
      kernel: kernels.exports,
    }
    exports = new WebAssembly.Instance(loaded.module, imports).exports
    known.set(kernels, exports)
  }
  return exports
}

/** A table of its own for each instance: a table keeps every instance that imports it. */
function hostTableOf(run: RunState): WebAssembly.Table {
  const host = new WebAssembly.Table({ element: 'anyfunc', initial: 1 })
  host.set(0, hostOf(run).entry)
  return host
}

/** What generated code may import, for the interpreter. */
const linked: readonly LinkedFunction[] = [
  { ...hostTable, isTable: true },
  ...Object.entries(kernelContract).map(([name, signature]) => ({
    module: 'kernel',
    name,
    ...signature,
  })),
]

function interpretedExports(run: RunState, loaded: LoadedModule): Exports {
  const { heap, kernels } = run.env
  let interpreter = interpreters.get(kernels)
  if (interpreter === undefined) {
    const imports = { env: { host: hostTableOf(run) }, kernel: kernels.exports }
    interpreters.set(kernels, (interpreter = new Interpreter(heap, linked, imports)))
  }
  return interpreter.load(run.work, loaded.translated(interpreter))
}

function hostOf({ env }: RunState): Host {
  let host = hosts.get(env.kernels)
  if (host === undefined) hosts.set(env.kernels, (host = createHost(env)))
  return host
}
