import type { kernelContract, KernelSignature } from './contract.ts'

type Contract = typeof kernelContract
export type KernelName = keyof Contract

type ValueOf<T> = T extends 'i64' ? bigint : number
type ValuesOf<T extends KernelSignature['params']> = {
  readonly [I in keyof T]: ValueOf<T[I]>
}

/** What is passed to a kernel: i64 as bigint, all others as numbers. */
export type KernelArguments<K extends KernelName> = ValuesOf<Contract[K]['params']>

export type KernelResult<K extends KernelName> = Contract[K]['results'] extends readonly [infer T]
  ? ValueOf<T>
  : undefined

/** The kernels that take and give the same. */
export type KernelsLike<S extends KernelSignature> = {
  [K in KernelName]: Contract[K] extends S ? (S extends Contract[K] ? K : never) : never
}[KernelName]

type Floats = readonly ['f64'] | readonly ['f64', 'f64']

/** The kernels that take floats and give one. */
export type FloatKernelName = {
  [K in KernelName]: Contract[K] extends { params: Floats; results: readonly ['f64'] } ? K : never
}[KernelName]
