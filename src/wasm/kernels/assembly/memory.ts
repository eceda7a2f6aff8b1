// memory.fill and memory.copy as calls: TypedArray.fill on shared memory is an order slower.
export function fill(address: usize, byte: i32, bytes: usize): void {
  memory.fill(address, <u8>byte, bytes)
}
export function copy(target: usize, source: usize, bytes: usize): void {
  memory.copy(target, source, bytes)
}
