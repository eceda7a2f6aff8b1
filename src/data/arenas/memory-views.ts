import type { Heap } from './heap.ts'

/** Memory that vectors lie in, for those who only read: the engine's, or some of one's own that is laid out alike. */
export type MemoryViews = Pick<Heap, 'u8' | 'i32' | 'u32' | 'view'>
