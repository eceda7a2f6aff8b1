import { dirname } from 'node:path'
import { connect, type Database } from '../engine/database.ts'
import type { Command, ServeOptions } from './arguments.ts'
import { connectCommands, openDoors } from './serve.ts'
import { runTour, tourData } from './tour/tour.ts'

// Loaded for servers only. Their doors reach into the engine, so that all of it must be of one kind: modules,
// not the program whose code is kept.

type Serve = Command & { readonly kind: 'serve' }
type Tour = Command & { readonly kind: 'tour' }

/** Serves until it is told to stop; the status to exit with. */
export async function runServe(command: Serve): Promise<number> {
  const db = await connect(command.connect)
  return serve(db, command.serve)
}

/** Shows the tour, then serves unless it is to be shown once; the status to exit with. */
export async function runTourCommand(command: Tour): Promise<number> {
  const roots = command.connect.allowedRoots ?? [process.cwd(), dirname(tourData().flights)]
  const db = await connect({ ...command.connect, allowedRoots: roots })
  await runTour(db, (line) => console.log(line)).catch(async (error: unknown) => {
    await db.close()
    throw error
  })
  if (!command.once) return serve(db, command.serve)
  await db.close()
  return 0
}

async function serve(db: Database, options: ServeOptions): Promise<number> {
  const doors = await openDoors(db.engine, options).catch(async (error: unknown) => {
    await db.close()
    throw error
  })
  console.log(
    `Heddle is serving. Connect with\n${connectCommands(doors, options)}\nStop with Ctrl-C.`,
  )
  await new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
  })
  await doors.close()
  await db.close()
  return 0
}
