import { Places } from '../../cluster/places.ts'
import { untilStopped, type StopOptions } from '../../cluster/run-query.ts'

/** Where the statements wait that change one table. */
interface Queue {
  readonly place: Places
  /** Who waits and who has the turn. */
  members: number
  /** Whether who has the turn was overtaken in it: nobody else begins meanwhile. */
  isHeld: boolean
}

/** A statement's turn to change a table. */
export interface ChangeTurn {
  /** Who has it was overtaken again. */
  hold(): void
  /** The turn is over. Called once. */
  end(): void
}

/**
 * Statements on their own that change a table and that others overtook run again one after another. Of n that come at once
 * each would else run as often as there are others, n² times in all, each with memory of its own. Who begins does not wait, as most
 * meet nobody; only when one was overtaken in its turn, too, those that begin wait until it is done, so that a long
 * statement comes to its end beside any number of short ones. Whoever waits holds nothing.
 */
export class OvertakenStatements {
  readonly #queues = new Map<string, Queue>()

  /** Whether a statement that begins to change the table has to wait for a turn. */
  isHeld(table: string): boolean {
    return this.#queues.get(table)?.isHeld === true
  }

  /**
   * Waits for a turn, first come first served. `table`: what tells tables apart. Errors: QUERY_CANCELED, and the reason of
   * the options' signal.
   */
  async turn(table: string, options: StopOptions): Promise<ChangeTurn> {
    const queue = this.#queues.get(table) ?? { place: new Places(1), members: 0, isHeld: false }
    this.#queues.set(table, queue)
    queue.members++
    const leave = (): void => {
      queue.members--
      if (queue.members === 0) this.#queues.delete(table)
    }
    const giveBack = (): void => queue.place.giveBack()
    try {
      if (!queue.place.take()) await untilStopped(queue.place.wait(), options, [], giveBack)
    } catch (error) {
      leave()
      throw error
    }
    return {
      hold: () => void (queue.isHeld = true),
      end: () => {
        queue.isHeld = false
        giveBack()
        leave()
      },
    }
  }
}
