import { posix } from 'node:path'
import { describe, expect, test } from 'vitest'
import { sourceFiles, sourceFolders } from '../sources.ts'

/** The rooms of src/, lowest first, and what each may import besides itself. */
const rooms: Readonly<Record<string, readonly string[]>> = {
  base: [],
  data: ['base'],
  wasm: ['base', 'data'],
  functions: ['base', 'data', 'wasm'],
  sql: ['base'],
  plan: ['base', 'data', 'functions', 'sql'],
  compile: ['base', 'data', 'wasm', 'functions', 'plan'],
  io: ['base', 'data', 'wasm', 'plan'],
  storage: ['base', 'data', 'wasm', 'plan', 'io'],
  exec: ['base', 'data', 'wasm', 'functions', 'plan', 'compile', 'io', 'storage'],
  scheduler: ['base'],
  cluster: ['base', 'data', 'wasm', 'functions', 'plan', 'io', 'storage', 'exec', 'scheduler'],
  collections: ['base', 'data', 'wasm', 'functions', 'plan', 'compile', 'scheduler', 'cluster'],
  ml: ['base', 'data', 'wasm', 'functions', 'plan', 'scheduler', 'cluster'],
  engine: [
    'base',
    'data',
    'wasm',
    'functions',
    'sql',
    'plan',
    'compile',
    'io',
    'storage',
    'exec',
    'scheduler',
    'cluster',
    'collections',
    'ml',
  ],
  server: ['base', 'data', 'engine'],
  stream: ['base', 'data', 'plan', 'cluster', 'engine'],
  cli: ['base', 'engine', 'cluster', 'server'],
}

/**
 * The folders of a room in order: one may import itself and those before it. `.` are the files beside
 * the folders; a folder inside of another, and a file with a place of its own, is named by its path.
 */
const subfolders: Readonly<Record<string, readonly string[]>> = {
  data: ['zones', 'types', 'arenas', 'vectors', 'binary', 'chunks', 'arrow'],
  functions: [
    '.',
    'text',
    'text/regexp',
    'bytes',
    'bits',
    'operators',
    'math',
    'datetime',
    'array',
    'json',
    'record',
    'ranges',
    'uuid',
    'windows',
    'tables',
    'aggregates',
    'built-in.ts',
  ],
  sql: ['generated', 'lexer', 'ast', 'parser', '.'],
  plan: ['catalog', 'logical', 'binder', 'optimizer', 'physical'],
  wasm: ['assembler', 'kernels', 'interpreter'],
  compile: ['expressions', 'model', 'shape', 'wasm/scope', 'wasm/steps', 'wasm/sinks', 'wasm'],
  io: [
    'filesystems',
    'scan',
    'formats',
    'formats/text',
    'formats/csv',
    'formats/json',
    'formats/parquet',
    'formats/arrow',
    '.',
  ],
  exec: ['cut', 'jobs', 'rows', 'sort', 'breakers', 'windows', 'reference', 'thread', 'fragment'],
  scheduler: ['graph', 'scheduler', 'worker'],
  cluster: ['host', 'comm', 'threads', 'values', 'user-functions', '.', 'futures'],
  collections: ['dataframe'],
  engine: [
    'settings',
    'results',
    'catalog',
    'durability',
    'system-catalog',
    'process',
    'transactions',
    'queries',
    'context',
    'tables',
    'copy',
    'statements',
    '.',
  ],
  server: ['.', 'api', 'pgwire', 'rest'],
  cli: ['print', 'shell', 'tour', '.'],
}

/** They make the catalogue of functions, which all others are given. */
const roots = [
  'src/cluster/threads/thread-program.ts',
  'src/cluster/worker-process.ts',
  'src/engine/process/engine.ts',
]

/** Mutually dependent by nature: relations are built from expressions, entries hold statistics. */
const allowedUpward = new Set(['src/plan/logical/relation.ts -> src/plan/catalog/catalog.ts'])

/** Names of lane types, which every backend has. */
const typesOnly = new Set(['src/wasm/assembler/opcodes.ts'])

const nodeRooms = new Set(['io', 'storage', 'cluster', 'server', 'cli'])
const nodeFiles = new Set(['src/wasm/kernels/loader.ts'])
const bannedFolders = new Set(['util', 'utils', 'common', 'helpers', 'misc', 'shared', 'lib'])

const importPattern =
  /(?:import|export)\s(?:[^'"]*?\sfrom\s)?['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)/g

function importsOf(text: string): readonly string[] {
  const withoutComments = text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '')
  return [...withoutComments.matchAll(importPattern)].map((match) => match[1] ?? match[2] ?? '')
}

function complaint(path: string, imported: string): string | undefined {
  const [, room = ''] = path.split('/')
  if (!(room in rooms)) return path === 'src/index.ts' ? undefined : `${path}: unknown room ${room}`
  if (imported.startsWith('node:')) {
    const allowed = nodeRooms.has(room) || nodeFiles.has(path)
    return allowed ? undefined : `${path} imports ${imported}`
  }
  if (!imported.startsWith('.')) return undefined
  const target = posix.join(posix.dirname(path), imported)
  const [, targetRoom = ''] = target.split('/')
  if (target === 'src/index.ts') return `${path} imports the public index`
  if (room !== targetRoom) {
    return rooms[room]?.includes(targetRoom) ? undefined : `${path} -> ${target}`
  }
  const order = subfolders[room]
  if (order === undefined || allowedUpward.has(`${path} -> ${target}`)) return undefined
  const [from, to] = [order.indexOf(folderOf(path)), order.indexOf(folderOf(target))]
  return to > from ? `${path} -> ${target}` : undefined
}

/** The place of a file as {@link subfolders} names it: its own, or the innermost folder that holds it. */
function folderOf(path: string): string {
  const [, room = '', ...rest] = path.split('/')
  const order = subfolders[room] ?? []
  for (let depth = rest.length; depth > 0; depth--) {
    const folder = rest.slice(0, depth).join('/')
    if (order.includes(folder)) return folder
  }
  return '.'
}

/** What imports each other by nature: queries hold expressions, expressions hold queries. */
const allowedCircles = [
  ['src/plan/logical/expression.ts', 'src/plan/logical/relation.ts'],
  [
    'src/sql/ast/copy.ts',
    'src/sql/ast/cursor.ts',
    'src/sql/ast/definition.ts',
    'src/sql/ast/expression.ts',
    'src/sql/ast/maintenance.ts',
    'src/sql/ast/prepared.ts',
    'src/sql/ast/routine.ts',
    'src/sql/ast/select.ts',
    'src/sql/ast/statement.ts',
  ],
]

/** The files that a file imports, types included, by path. */
function importGraph(): ReadonlyMap<string, readonly string[]> {
  const files = sourceFiles('src')
  const paths = new Set(files.map(({ path }) => path))
  const targetsOf = (path: string, text: string): readonly string[] =>
    importsOf(text)
      .filter((imported) => imported.startsWith('.'))
      .map((imported) => posix.join(posix.dirname(path), imported))
      .filter((target) => paths.has(target))
  return new Map(files.map(({ path, text }) => [path, targetsOf(path, text)]))
}

/** The sets of nodes each of which leads to each other one, by Tarjan (1972); sorted. */
function circlesOf(graph: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] {
  const numbers = new Map<string, number>()
  const stack: string[] = []
  const circles: (readonly string[])[] = []
  const visit = (node: string): number => {
    const number = numbers.size
    let low = number
    numbers.set(node, number)
    stack.push(node)
    for (const target of graph.get(node) ?? []) {
      if (!numbers.has(target)) low = Math.min(low, visit(target))
      else if (stack.includes(target)) low = Math.min(low, numbers.get(target) ?? low)
    }
    if (low === number) {
      const members = stack.splice(stack.indexOf(node))
      const isCircle = members.length > 1 || (graph.get(node) ?? []).includes(node)
      if (isCircle) circles.push(members.toSorted())
    }
    return low
  }
  for (const node of graph.keys()) if (!numbers.has(node)) visit(node)
  return circles.toSorted((left, right) => ((left[0] ?? '') < (right[0] ?? '') ? -1 : 1))
}

describe('layers', () => {
  test('every import follows the table of rooms', () => {
    const complaints = sourceFiles('src').flatMap(({ path, text }) =>
      importsOf(text).flatMap((imported) => complaint(path, imported) ?? []),
    )
    expect(complaints).toEqual([])
  })

  test('the table itself has no cycle: rooms import only rooms above them in the list', () => {
    const names = Object.keys(rooms)
    for (const [name, imports] of Object.entries(rooms)) {
      for (const imported of imports) {
        expect(names.indexOf(imported), `${name} -> ${imported}`).toBeLessThan(names.indexOf(name))
      }
    }
  })

  test('files import each other in circles only where that is their nature', () => {
    expect(circlesOf(importGraph())).toEqual(allowedCircles)
  })

  test.each([
    [{ a: ['b'], b: ['c'], c: [] }, []],
    [{ a: ['b'], b: ['c'], c: ['a'], d: ['a'] }, [['a', 'b', 'c']]],
    [{ a: ['a'] }, [['a']]],
    [
      { a: ['b', 'c'], b: ['a'], c: ['d'], d: ['c'] },
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    [{ a: ['b'], b: ['c', 'd'], c: ['b'], d: ['a'] }, [['a', 'b', 'c', 'd']]],
  ])('circles of %o', (imports: Readonly<Record<string, readonly string[]>>, circles) => {
    expect(circlesOf(new Map(Object.entries(imports)))).toEqual(circles)
  })

  test.each(Object.entries(subfolders))('every folder of %s has its place', (room, order) => {
    const paths = sourceFiles(`src/${room}`).map(({ path }) => path)
    const folders = new Set(paths.map((path) => folderOf(path)))
    expect([...folders].toSorted()).toEqual(order.toSorted())
  })

  test('what a pipeline is and its shape know no emitter', () => {
    const files = ['src/compile/model', 'src/compile/shape'].flatMap(sourceFiles)
    const complaints = files.flatMap(({ path, text }) =>
      importsOf(text)
        .map((imported) => posix.join(posix.dirname(path), imported))
        .filter((target) => /^src\/(?:compile\/)?wasm\//.test(target) && !typesOnly.has(target))
        .map((target) => `${path} -> ${target}`),
    )
    expect(complaints).toEqual([])
  })

  test('only who starts an engine, a thread or a worker process knows the functions of all', () => {
    const importers = sourceFiles('src')
      .filter(({ text }) => importsOf(text).some((path) => path.endsWith('functions/built-in.ts')))
      .map(({ path }) => path)
    expect(importers.toSorted()).toEqual(roots)
  })

  test('no folder is a drawer for odds and ends', () => {
    expect(sourceFolders('src').filter((name) => bannedFolders.has(name))).toEqual([])
  })
})
