// The working memory of the zstd decoder: per-frame state, then tables (ZSTD_WORKSPACE_BYTES in
// TypeScript), and what all its parts share.

export const PROBABILITIES: usize = 0 // 256 x i16
export const NEXT_STATES: usize = 512 // 256 x u16
export const WEIGHTS: usize = 1024 // 256 x u8
export const CURSOR: usize = 1536 // where a header parse ended
export const SYMBOLS: usize = 1540
export const ACCURACIES: usize = 1544 // 3 x i32, -1 when there is no table yet
export const HAS_HUFFMAN: usize = 1556
export const REPEATED: usize = 1560 // 3 x u32 repeat offsets
export const LITERALS_AT: usize = 1572
export const LITERALS_LENGTH: usize = 1576
export const TARGET: usize = 1580
export const HUFFMAN_TABLE: usize = 2048 // 2048 x u8 bits, 2048 x u8 symbols, each with slack
export const TABLES: usize = 8192 // 3 x 512 x 8
export const WEIGHT_TABLE: usize = 20480 // 64 x 8
export const LITERALS: usize = 24576 // 128 KiB and slack

export const WRONG: i32 = -1
export const BLOCK_BYTES_MAX: u32 = 131072
