import { readyArrow } from '../src/io/arrow-library.ts'

// Tests of Arrow data use the engine's parts without starting an engine.
await readyArrow()
