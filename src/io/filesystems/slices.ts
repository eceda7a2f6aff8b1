/** How long work may keep the event loop to itself, in milliseconds. */
const SLICE_MS_MAX = 6

/** Cuts long work on the event loop into slices: others get their turn in between. */
export class Slices {
  #began = performance.now()

  /** Lets others run when the slice is used up; costs nothing before. */
  pause(): Promise<void> | undefined {
    if (performance.now() - this.#began < SLICE_MS_MAX) return undefined
    return new Promise((resolve) => {
      setImmediate(() => {
        this.#began = performance.now()
        resolve()
      })
    })
  }
}
