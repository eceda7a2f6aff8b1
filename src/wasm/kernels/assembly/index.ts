// The static kernel library: one module over the engine's shared memory. No state outside arguments.
export * from './memory'
