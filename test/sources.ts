import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

export interface SourceFile {
  /** Path from the repository's root, with forward slashes. */
  readonly path: string
  readonly text: string
}

/** TypeScript files under a folder of the repository, kernels in AssemblyScript left out. */
export function sourceFiles(folder: string): readonly SourceFile[] {
  return allSourceFiles(folder).filter(({ path }) => !path.includes('kernels/assembly/'))
}

/** The same with the kernels. */
export function allSourceFiles(folder: string): readonly SourceFile[] {
  const found: SourceFile[] = []
  const visit = (directory: string): void => {
    for (const name of readdirSync(directory)) {
      const path = join(directory, name)
      if (statSync(path).isDirectory()) visit(path)
      else if (path.endsWith('.ts')) {
        found.push({ path: relative(root, path), text: readFileSync(path, 'utf8') })
      }
    }
  }
  visit(join(root, folder))
  return found.sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** Folders under a folder of the repository. */
export function sourceFolders(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
}
