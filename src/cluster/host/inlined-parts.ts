/** Files that the engine needs at run time, as values. */
export interface InlinedParts {
  /** The kernels' WebAssembly binary, base64. */
  readonly kernels: string
  /** What a thread runs: CommonJS that needs nothing but Node's own modules. */
  readonly thread: string
}

/**
 * Undefined in a checkout, where the files lie beside their modules. The package's build puts the values
 * here; they are loaded only where the files are missing, as in an application's own bundle.
 */
export const inlinedParts: InlinedParts | undefined = undefined
