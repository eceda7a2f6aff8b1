// A thread that allocates and frees at random and looks whether others wrote into its blocks.
import { parentPort, workerData } from 'node:worker_threads'
import { Heap } from '../../../dist/data/arenas/heap.js'

const { memory, seed, steps } = workerData
const heap = new Heap(memory)
let state = seed
const random = (below) => {
  state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
  return (state >>> 8) % below
}
const live = []
let spoiled = 0
const free = ({ start, bytes }) => {
  for (const at of [start, start + bytes - 1]) if (heap.u8[at] !== seed) spoiled++
  heap.free(start)
}
for (let step = 0; step < steps; step++) {
  if (live.length < 20 || (live.length < 200 && random(2) === 0)) {
    const bytes = 1 + random(step % 16 === 0 ? 200_000 : 3_000)
    const start = heap.allocate(bytes)
    heap.u8[start] = seed
    heap.u8[start + bytes - 1] = seed
    live.push({ start, bytes })
  } else free(live.splice(random(live.length), 1)[0])
}
for (const block of live) free(block)
parentPort.postMessage(spoiled)
