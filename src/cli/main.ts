#!/usr/bin/env node
import { keepCompiledCode } from './compiled-code.ts'

// Before the rest is loaded, so that it is kept.
keepCompiledCode(process.env)
const { runCommandLine } = await import('./command-line.ts')
process.exitCode = await runCommandLine(process.argv.slice(2))
