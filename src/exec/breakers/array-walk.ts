import { present } from '../../base/assert.ts'
import { laneBytes, type RowField } from '../../compile/model/row-layout.ts'
import { address, type Address } from '../../data/vectors/vector.ts'
import { elementType } from '../../functions/array-elements.ts'
import { isKernelElement } from '../../functions/array/cells.ts'
import { valueKindOf, valueKinds } from '../../wasm/kernels/value-kinds.ts'
import type { ExpandState, Page } from '../jobs/jobs.ts'
import type { Driving } from './breaker.ts'

/** Words of an array as the kernel `arrayRows` has it, most of them its own. */
const ARRAY_WORDS = 12
const NEVER_NULL = -1
const LEFT_TO_TYPESCRIPT = 1
const stateWords = { row: 0, rows: 1, made: 2, left: 3, count: 4 } as const

/** The fields of arrays that are taken apart, and of their elements. */
interface ArrayFields {
  readonly array: RowField
  readonly element: RowField
}

/** The arrays of rows that are repeated for nothing but elements that kernels read; else undefined. */
export function arraysOf({
  calls,
  layout,
}: Pick<ExpandState, 'calls' | 'layout'>): readonly ArrayFields[] | undefined {
  const arrays = calls.flatMap(({ fn, args: [arg], outputs: [output] }): ArrayFields[] => {
    const [array, element] = [layout.fields[arg ?? -1], layout.fields[output ?? -1]]
    if (fn.kernel === undefined || array === undefined || element === undefined) return []
    const type = elementType(array.type)
    // A key tells of an interval how long it is, not what it is made of.
    return isKernelElement(type) && type.kind !== 'interval' ? [{ array, element }] : []
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
    const { u32, i32 } = driving.env.heap
    for (const [at, fields] of arrays.entries()) {
      const word = (this.#arrays >>> 2) + at * ARRAY_WORDS
      u32.set(describe(fields), word)
      i32[word + 1] = fields.array.validOffset ?? NEVER_NULL
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

/** What the kernel is told of an array. */
function describe({ array, element }: ArrayFields): readonly number[] {
  const { type, lanes } = element
  const bytes = lanes.reduce((total, lane) => total + laneBytes(lane.type), 0)
  const kind = present(valueKindOf(type), `kind of ${type.kind}`)
  const places = type.kind === 'decimal' ? type.scale : 0
  const own = [valueKinds[kind], places, laneOffset(element), markOf(element), bytes]
  return [laneOffset(array), 0, ...own]
}

function laneOffset({ lanes }: RowField): number {
  return present(lanes[0], 'lane of a field').offset
}

function markOf({ validOffset }: RowField): number {
  return present(validOffset, 'field that may be NULL')
}
