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
  exec: ['base', 'data', 'wasm', 'functions', 'plan', 'compile', 'io'],
  scheduler: ['base'],
  cluster: ['base', 'data', 'wasm', 'plan', 'io', 'exec', 'scheduler'],
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

/** The subfolders of a room in order: one may import itself and those before it. */
const subfolders: Readonly<Record<string, readonly string[]>> = {
  data: ['types', 'arenas', 'vectors', 'arrow'],
  plan: ['catalog', 'logical', 'binder', 'optimizer', 'physical'],
  wasm: ['assembler', 'kernels'],
}

/** Mutually dependent by nature: relations are built from expressions, entries hold statistics. */
const allowedUpward = new Set(['src/plan/logical/relation.ts -> src/plan/catalog/catalog.ts'])

const nodeRooms = new Set(['io', 'cluster', 'server', 'cli'])
const nodeFiles = new Set(['src/wasm/kernels/loader.ts'])
const bannedFolders = new Set(['util', 'utils', 'common', 'helpers', 'misc', 'shared', 'lib'])

const importPattern =
  /(?:import|export)\s(?:[^'"]*?\sfrom\s)?['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)/g

function importsOf(text: string): readonly string[] {
  const withoutComments = text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '')
  return [...withoutComments.matchAll(importPattern)].map((match) => match[1] ?? match[2] ?? '')
}

function complaint(path: string, imported: string): string | undefined {
  const [, room = '', sub = ''] = path.split('/')
  if (!(room in rooms)) return path === 'src/index.ts' ? undefined : `${path}: unknown room ${room}`
  if (imported.startsWith('node:')) {
    const allowed = nodeRooms.has(room) || nodeFiles.has(path)
    return allowed ? undefined : `${path} imports ${imported}`
  }
  if (!imported.startsWith('.')) return undefined
  const target = posix.join(posix.dirname(path), imported)
  const [, targetRoom = '', targetSub = ''] = target.split('/')
  if (target === 'src/index.ts') return `${path} imports the public index`
  if (room !== targetRoom) {
    return rooms[room]?.includes(targetRoom) ? undefined : `${path} -> ${target}`
  }
  const order = subfolders[room]
  if (order === undefined || allowedUpward.has(`${path} -> ${target}`)) return undefined
  const [from, to] = [order.indexOf(sub), order.indexOf(targetSub)]
  return from >= 0 && to > from ? `${path} -> ${target}` : undefined
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

  test('no folder is a drawer for odds and ends', () => {
    expect(sourceFolders('src').filter((name) => bannedFolders.has(name))).toEqual([])
  })
})
