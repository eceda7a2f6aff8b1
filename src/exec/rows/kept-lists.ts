import { present } from '../../base/assert.ts'
import type { GroupTable } from '../../compile/model/pipeline.ts'
import { listBlock, listCells } from '../../compile/model/row-layout.ts'
import type { Heap } from '../../data/arenas/heap.ts'
import type { KeptField, Page } from '../jobs/jobs.ts'

/** The aggregates of a table whose values are made when all rows are in. */
export function keptFields({ layout, keys, aggregates }: GroupTable): readonly KeptField[] {
  return aggregates.flatMap((call, index): KeptField[] => {
    const field = present(layout.fields[keys.length + index], 'field of an aggregate')
    if (call.kept === undefined) return []
    const { exprs: _, ...kept } = call.kept
    const rows = field.state?.kept
    if (rows === undefined) return [{ kind: 'folded', field, fn: kept.fn }]
    return [{ kind: 'collected', field, layout: rows, kept }]
  })
}

/** The rows of a list, block by block. */
export function listPages(heap: Heap, cells: number, rowBytes: number): readonly Page[] {
  const { u32 } = heap
  const word = cells >>> 2
  const last = u32[word + listCells.last] ?? 0
  const pages: Page[] = []
  for (let block = u32[word + listCells.first] ?? 0; block !== 0;) {
    const isLast = block === last
    const end = u32[isLast ? word + listCells.cursor : (block + listBlock.end) >>> 2] ?? 0
    const start = block + listBlock.bytes
    if (end > start)
      pages.push({ address: start as Page['address'], rows: (end - start) / rowBytes })
    block = isLast ? 0 : (u32[(block + listBlock.next) >>> 2] ?? 0)
  }
  return pages
}
