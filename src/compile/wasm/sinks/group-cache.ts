import { valueForm } from '../../../data/types/catalogue.ts'
import type { ValueForm } from '../../../data/types/catalogue/entry.ts'
import type { Local } from '../../../wasm/assembler/function-builder.ts'
import { isVolatile } from '../../../plan/logical/expression-size.ts'
import type { GroupTable } from '../../model/pipeline.ts'
import type { PipelineModule } from '../scope/pipeline-module.ts'
import type { LegContext } from '../scope/leg-loop.ts'
import { columnsRead } from '../../shape/legs.ts'

/** Groups that are remembered by the build row which gave their keys. */
const CACHE_GROUPS = 512

/** Forms whose hashing and comparing take calls, so that a look-up by row saves much. */
const costly: ReadonlySet<ValueForm> = new Set(['text', 'bytes', 'keyed', 'numeric', 'interval'])

/**
 * The joined source whose row alone decides the group, where finding the group by its keys is dear.
 * Groups once found stay valid: a table that is emptied keeps its rows, and they are merged later.
 */
export function groupingSource(module: PipelineModule, table: GroupTable): number | undefined {
  const { definitions } = module.pipeline
  if (!table.keys.some(({ type }) => costly.has(valueForm(type)))) return undefined
  if ([...table.keys, ...definitions.values()].some(isVolatile)) return undefined
  const sources = new Set<number | undefined>()
  for (const id of columnsRead(table.keys, definitions)) sources.add(module.places.get(id)?.source)
  const [source] = sources
  if (sources.size !== 1 || source === undefined || source === 0) return undefined
  return module.sources[source]?.kind === 'rows' ? source : undefined
}

/** The group of the current row by the row of a joined source; `find` emits the search by keys. */
export function emitCachedGroup(leg: LegContext, source: number, find: () => Local): Local {
  const { f, scope, module } = leg
  const cache = module.context.scratch(CACHE_GROUPS * 8)
  const id = scope.rowId(source)
  const [slot, group] = [f.local('i32'), f.local('i32')]
  // Rows are 8 bytes or more apart.
  f.get(id)
    .i32(3)
    .op('i32.shr_u')
    .i32(CACHE_GROUPS - 1)
    .op('i32.and')
    .i32(3)
    .op('i32.shl')
  f.get(scope.ctx)
    .op('i32.add')
    .tee(slot)
    .memory('i32.load', cache + 4)
    .set(group)
  f.get(slot).memory('i32.load', cache).get(id).op('i32.ne').if()
  scope.branch(() => {
    f.get(find()).set(group)
    f.get(slot).get(id).memory('i32.store', cache)
    f.get(slot)
      .get(group)
      .memory('i32.store', cache + 4)
  })
  f.end()
  f.release(slot)
  return group
}
