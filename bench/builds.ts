import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { connect } from 'heddle'

/** A build of Heddle to open engines of: this one, or that of another commit. */
export interface Build {
  readonly name: string
  readonly connect: typeof connect
}

export const thisBuild: Build = { name: 'heddle', connect }

/**
 * Heddle as it was at a commit (any name that git knows), built on first use and kept under
 * bench/data/builds. Both builds run in one process, so that they can be timed in turn.
 */
export async function buildOfCommit(commit: string): Promise<Build> {
  const id = git('rev-parse', '--verify', `${commit}^{commit}`)
  const folder = resolve('bench/data/builds', id)
  if (!existsSync(folder)) make(id, folder)
  const bundle = join(folder, 'dist/bundle/index.js')
  const path = existsSync(bundle) ? bundle : join(folder, 'dist/index.js')
  const entry = pathToFileURL(path).href
  const { connect: connectThere } = (await import(entry)) as { readonly connect: typeof connect }
  return { name: id.slice(0, 9), connect: connectThere }
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
