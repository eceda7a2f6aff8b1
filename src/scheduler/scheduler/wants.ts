import { holdersOf, idOf, runOf, type SchedulerState } from './state.ts'
import type { ClientId } from './task-id.ts'

const nobody: readonly ClientId[] = []

/** A client wants the result of a task; false where it did already. */
export function want(scheduler: SchedulerState, client: ClientId, slot: number): boolean {
  const clients = clientsOf(scheduler, slot)
  if (clients.includes(client)) return false
  setClients(scheduler, slot, [...clients, client])
  return true
}

/** A client wants the result no more; false where it did not. The task is still to be released. */
export function unwant(scheduler: SchedulerState, client: ClientId, slot: number): boolean {
  const clients = clientsOf(scheduler, slot)
  if (!clients.includes(client)) return false
  setClients(
    scheduler,
    slot,
    clients.filter((other) => other !== client),
  )
  return true
}

export function wants(scheduler: SchedulerState, client: ClientId, slot: number): boolean {
  if (scheduler.tasks.client[slot] === client) return true
  return scheduler.otherClients.get(slot)?.includes(client) === true
}

/** Who wants the result of a task. */
export function clientsOf(scheduler: SchedulerState, slot: number): readonly ClientId[] {
  const first = scheduler.tasks.client[slot]!
  if (first < 0) return nobody
  const others = scheduler.otherClients.get(slot)
  return others === undefined ? [first as ClientId] : [first as ClientId, ...others]
}

/** Tells the clients that want it where a result is. */
export function tellInMemory(scheduler: SchedulerState, slot: number): void {
  for (const client of clientsOf(scheduler, slot)) tellClientInMemory(scheduler, client, slot)
}

export function tellClientInMemory(
  scheduler: SchedulerState,
  client: ClientId,
  slot: number,
): void {
  const holders = holdersOf(scheduler, slot)
  const [task, run] = [idOf(scheduler, slot), runOf(scheduler, slot)]
  scheduler.instructions.push({ kind: 'task-in-memory', client, task, run, holders })
}

function setClients(
  scheduler: SchedulerState,
  slot: number,
  [first, ...others]: readonly ClientId[],
): void {
  scheduler.tasks.client[slot] = first ?? -1
  if (others.length > 0) scheduler.otherClients.set(slot, others)
  else scheduler.otherClients.delete(slot)
}
