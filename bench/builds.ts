import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { connect } from 'heddle'

/** A build of Heddle to open engines of: this one, or that of another commit. */
export interface Build {
  readonly name: string
  /** The URL of its module. */
  readonly entry: string
  readonly connect: typeof connect
}

/** Another build that this one is timed against, in one process. */
export interface Rival {
  readonly build: Build
  /** Whether it is loaded, opened and given its tables before this one: who comes first has other places in memory. */
  readonly isFirst: boolean
}

/** Loads this build. */
export async function thisBuild(): Promise<Build> {
  const { connect: connectHere } = await import('heddle')
  return { name: 'heddle', entry: import.meta.resolve('heddle'), connect: connectHere }
}

/**
 * Loads Heddle as it was at a commit, see {@link makeBuild}. Both builds run in one process, so that
 * they can be timed in turn.
 */
export async function buildOfCommit(commit: string): Promise<Build> {
  const { id, folder } = makeBuild(commit)
  const bundle = join(folder, 'dist/bundle/index.js')
  const path = existsSync(bundle) ? bundle : join(folder, 'dist/index.js')
  const entry = pathToFileURL(path).href
  const { connect: connectThere } = (await import(entry)) as { readonly connect: typeof connect }
  return { name: id.slice(0, 9), entry, connect: connectThere }
}

/** Builds a commit (any name that git knows) on first use; it is kept under bench/data/builds. */
export function makeBuild(commit: string): { readonly id: string; readonly folder: string } {
  const id = git('rev-parse', '--verify', `${commit}^{commit}`)
  const folder = resolve('bench/data/builds', id)
  if (!existsSync(folder)) make(id, folder)
  return { id, folder }
}

function make(id: string, folder: string): void {
  const partial = `${folder}.partial`
  rmSync(partial, { recursive: true, force: true })
  mkdirSync(partial, { recursive: true })
  console.error(`building ${id} in ${folder}`)
  execFileSync('sh', ['-c', `git archive ${id} | tar -x -C '${partial}'`])
  execFileSync('npm', ['ci', '--silent'], { cwd: partial, stdio: 'inherit' })
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: partial, stdio: 'inherit' })
  renameSync(partial, folder)
}

function git(...args: readonly string[]): string {
  return execFileSync('git', args, { encoding: 'utf8' }).trim()
}
