import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect } from 'vitest'

/** A project in a folder of its own, into which the package was installed as users do. */
export class InstalledProject {
  readonly folder = mkdtempSync(join(tmpdir(), 'heddle-installed-'))

  /** Packs the checkout, installs it and `others` (with versions) from the registry. */
  constructor(others: readonly string[]) {
    const packed = this.run('npm', ['pack', '--silent', '--ignore-scripts', resolve('.')])
    const tarball = `./${packed.trim().split('\n').at(-1)}`
    this.write('package.json', '{ "name": "app", "private": true, "type": "module" }')
    this.run('npm', ['install', '--silent', '--no-audit', '--no-fund', tarball, ...others])
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text)
  }

  /** Runs a command to its end, which must be a good one; gives what it printed. */
  run(command: string, args: readonly string[], folder = this.folder): string {
    const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', cwd: folder })
    expect(status, `${command} ${args.join(' ')}\n${stdout}${stderr}`).toBe(0)
    return stdout
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}
