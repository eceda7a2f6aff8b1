import {
  ARRAY_WORDS,
  isTakenApart,
  laneOffset,
  markOf,
  wordsOfArray,
  type ArrayFields,
} from '../../compile/wasm/scope/array-fields.ts'
import { address, type Address } from '../../data/vectors/vector.ts'
import type { ExpandState, Page } from '../jobs/jobs.ts'
import type { Driving } from './breaker.ts'

const LEFT_TO_TYPESCRIPT = 1
const stateWords = { row: 0, rows: 1, made: 2, left: 3, count: 4 } as const

/** The arrays of rows that are repeated for nothing but elements that kernels read; else undefined. */
export function arraysOf({
  calls,
  layout,
}: Pick<ExpandState, 'calls' | 'layout'>): readonly ArrayFields[] | undefined {
  const arrays = calls.flatMap(({ fn, args: [arg], outputs: [output] }): ArrayFields[] => {
    const [array, element] = [layout.fields[arg ?? -1], layout.fields[output ?? -1]]
    if (fn.kernel !== 'arrayRows' || array === undefined || element === undefined) return []
    return isTakenApart(array.type) ? [{ array, element }] : []
  })
  return arrays.length === 0 || arrays.length < calls.length ? undefined : arrays
}

/** Makes rows for the elements of arrays, page by page. */
export class ArrayWalk {
  readonly #driving: Driving
  readonly #rowBytes: number
  readonly #arrays: Address
  readonly #state: Address
  readonly #count: number
  readonly #position: readonly [offset: number, mark: number]

  constructor(
    driving: Driving,
    { layout, ordinality }: Pick<ExpandState, 'layout' | 'ordinality'>,
    arrays: readonly ArrayFields[],
  ) {
    this.#driving = driving
    this.#rowBytes = layout.rowBytes
    this.#count = arrays.length
    this.#arrays = driving.work.allocate(arrays.length * ARRAY_WORDS * 4)
    this.#state = driving.work.allocate(stateWords.count * 4)
    const numbered = ordinality === undefined ? undefined : layout.fields[ordinality]
    this.#position = numbered === undefined ? [-1, 0] : [laneOffset(numbered), markOf(numbered)]
    for (const [at, fields] of arrays.entries()) {
      driving.env.heap.i32.set(wordsOfArray(fields), (this.#arrays >>> 2) + at * ARRAY_WORDS)
    }
  }

  begin({ address: row, rows }: Page): void {
    this.#set('row', row)
    this.#set('rows', rows)
    this.#set('made', 0)
    this.#set('left', 0)
  }

  /** Whether the page's rows are all made. */
  get isDone(): boolean {
    return this.#get('rows') === 0
  }

  /** Writes the next rows to an address, at most so many; gives how many. */
  write(target: number, room: number): number {
    const { kernels } = this.#driving.env
    const walk = [this.#arrays, this.#count, this.#state, this.#rowBytes] as const
    return kernels.call('arrayRows', ...walk, ...this.#position, target, room)
  }

  /** A row of which TypeScript makes the rest, and how many are made; the walk goes on behind it. */
  takeLeft(): { readonly row: Address; readonly made: number } | undefined {
    if (this.#get('left') !== LEFT_TO_TYPESCRIPT) return undefined
    const [row, made] = [this.#get('row'), this.#get('made')]
    this.begin({ address: address(row + this.#rowBytes), rows: this.#get('rows') - 1 })
    return { row: address(row), made }
  }

  #get(word: keyof typeof stateWords): number {
    return this.#driving.env.heap.u32[(this.#state >>> 2) + stateWords[word]]!
  }

  #set(word: keyof typeof stateWords, value: number): void {
    this.#driving.env.heap.u32[(this.#state >>> 2) + stateWords[word]] = value
  }
}
