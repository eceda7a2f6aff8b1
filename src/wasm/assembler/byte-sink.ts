const encoder = new TextEncoder()
/** Names of imports and exports are those of kernels and a few more: finding one takes less than encoding it. */
const encodedNames = new Map<string, Uint8Array>()

const CAPACITY_BYTES = 1_024
const SPARE_BUFFERS_MAX = 64
/** Buffers of sinks that are done: making one costs more than filling it. */
const spare: Uint8Array[] = []

/** A growing byte buffer with WebAssembly's encodings (core specification, section 5.2). */
export class ByteSink {
  #bytes: Uint8Array
  #length = 0

  constructor(capacityBytes = CAPACITY_BYTES) {
    const recycled = capacityBytes <= CAPACITY_BYTES ? spare.pop() : undefined
    this.#bytes = recycled ?? new Uint8Array(Math.max(capacityBytes, CAPACITY_BYTES))
  }

  /** Gives the buffer to sinks that are made later; the sink and views of it are not to be used again. */
  recycle(): void {
    if (this.#bytes.length === CAPACITY_BYTES && spare.length < SPARE_BUFFERS_MAX) {
      spare.push(this.#bytes)
    }
    this.#bytes = new Uint8Array(0)
    this.#length = 0
  }

  get length(): number {
    return this.#length
  }

  byte(value: number): void {
    this.#reserve(1)
    this.#bytes[this.#length++] = value
  }

  bytes(values: Uint8Array): void {
    this.#reserve(values.length)
    this.#bytes.set(values, this.#length)
    this.#length += values.length
  }

  unsigned(value: number): void {
    let rest = value >>> 0
    while (rest > 127) {
      this.byte((rest & 127) | 128)
      rest >>>= 7
    }
    this.byte(rest)
  }

  signed(value: number): void {
    let rest = value | 0
    for (;;) {
      const low = rest & 127
      rest >>= 7
      const done = (rest === 0 && (low & 64) === 0) || (rest === -1 && (low & 64) !== 0)
      this.byte(done ? low : low | 128)
      if (done) return
    }
  }

  signed64(value: bigint): void {
    let rest = BigInt.asIntN(64, value)
    for (;;) {
      const low = Number(rest & 127n)
      rest >>= 7n
      const done = (rest === 0n && (low & 64) === 0) || (rest === -1n && (low & 64) !== 0)
      this.byte(done ? low : low | 128)
      if (done) return
    }
  }

  float32(value: number): void {
    this.bytes(new Uint8Array(new Float32Array([value]).buffer))
  }

  float64(value: number): void {
    this.bytes(new Uint8Array(new Float64Array([value]).buffer))
  }

  name(text: string): void {
    let utf8 = encodedNames.get(text)
    if (utf8 === undefined) encodedNames.set(text, (utf8 = encoder.encode(text)))
    this.unsigned(utf8.length)
    this.bytes(utf8)
  }

  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  #reserve(extra: number): void {
    if (this.#length + extra <= this.#bytes.length) return
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + extra))
    grown.set(this.view())
    this.#bytes = grown
  }
}
