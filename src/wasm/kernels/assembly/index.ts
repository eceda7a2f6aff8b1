// The static kernel library: one module over the engine's shared memory. No state outside arguments.
export * from './memory'
export { bitsAppend, bitsAppendOnes, bitsSpread, parquetBitmap, parquetCodes } from './bit-packing'
export * from './delta'
export * from './lz4'
export * from './parquet'
export * from './snappy'
export * from './zstd'
