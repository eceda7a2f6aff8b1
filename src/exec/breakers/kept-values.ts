import type { RowField } from '../../compile/model/row-layout.ts'
import { valueLanes } from '../../compile/model/row-layout.ts'
import { present } from '../../base/assert.ts'
import type { Arena } from '../../data/arenas/arena.ts'
import { WideNumerics } from '../../data/vectors/numeric-slots.ts'
import { foldedForm } from '../../functions/aggregates/collect.ts'
import type { KeptField, Page } from '../jobs/jobs.ts'
import type { Steps } from '../jobs/steps.ts'
import type { ThreadEnvironment } from '../jobs/thread.ts'
import { fieldWriter } from '../rows/write-field.ts'
import { collectedSteps } from './collected-values.ts'
import type { GroupRows } from './kernel-values.ts'

/** Groups of which the values are made in one step. */
const GROUPS_A_STEP = 4_096

/**
 * Makes the values of aggregates that keep rows or numbers, for the groups of a page. A thread's share may be
 * given up and begun anew with its memory gone: what is kept stays as it is, so that values can be made again.
 */
export function* valueSteps(
  env: ThreadEnvironment,
  arena: Arena,
  rowBytes: number,
  fields: readonly KeptField[],
  page: Page,
): Steps<void> {
  const keeper = new WideNumerics(arena)
  const groups: GroupRows = { ...page, rowBytes }
  for (const item of fields) {
    const field = resultField(item.field)
    if (item.kind === 'collected') yield* collectedSteps(env, item, groups, field, keeper)
    else yield* foldedSteps(env, item, groups, field, keeper)
  }
}

/** Where the value goes: the lanes behind the cells of the state. */
function resultField(field: RowField): RowField {
  const first = valueLanes(present(field.state, 'field of an aggregate'))
  return { ...field, state: undefined, lanes: field.lanes.slice(first) }
}

function* foldedSteps(
  { heap }: ThreadEnvironment,
  { field, fn }: KeptField & { readonly kind: 'folded' },
  { address, rows, rowBytes }: GroupRows,
  target: RowField,
  keeper: WideNumerics,
): Steps<void> {
  const { f64 } = heap
  const form = foldedForm(fn)
  const write = fieldWriter(heap, target, keeper)
  const offset = present(field.lanes[0], 'cell of a state').offset
  const numbers = new Float64Array(form.numbers)
  for (let row = 0; row < rows; row++) {
    const group = address + row * rowBytes
    const first = (group + offset) >>> 3
    for (let number = 0; number < numbers.length; number++) numbers[number] = f64[first + number]!
    write(group, form.finish(numbers))
    if (row % GROUPS_A_STEP === GROUPS_A_STEP - 1) yield
  }
}
