/** The part of the WebAssembly JavaScript API that Heddle uses; the `dom` library is left out on purpose. */
declare namespace WebAssembly {
  interface MemoryDescriptor {
    initial: number
    maximum?: number
    shared?: boolean
  }
  class Memory {
    constructor(descriptor: MemoryDescriptor)
    readonly buffer: ArrayBuffer | SharedArrayBuffer
    grow(pages: number): number
  }
  interface TableDescriptor {
    element: 'anyfunc'
    initial: number
  }
  class Table {
    constructor(descriptor: TableDescriptor)
    set(index: number, value: ExportValue | undefined): void
  }
  type ExportValue = Function | Memory | Table
  type Imports = Record<string, Record<string, ExportValue>>
  class Module {
    constructor(bytes: Uint8Array)
  }
  class Instance {
    constructor(module: Module, imports?: Imports)
    readonly exports: Record<string, ExportValue>
  }
  class RuntimeError extends Error {}
  function compile(bytes: Uint8Array): Promise<Module>
  function validate(bytes: Uint8Array): boolean
}
