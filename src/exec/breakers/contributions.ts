import type { BreakerId, Pipeline } from '../../compile/model/pipeline.ts'
import type { SinkReport } from '../jobs/jobs.ts'
import type { Contribution } from './breaker.ts'

/** What threads and pipelines have put into the breakers of a fragment. */
export class Contributions {
  readonly #all = new Map<BreakerId, Contribution>()

  get(id: BreakerId): Contribution | undefined {
    return this.#all.get(id)
  }

  add(pipeline: Pipeline, sink: SinkReport): void {
    const known = this.#all.get(sink.breaker)
    const { pages, counted, repeats } = sink
    if (known === undefined) {
      this.#all.set(sink.breaker, { pages: [...pages], counted, repeats, threads: 1, pipeline })
      return
    }
    known.pages.push(...pages)
    known.counted += counted
    known.repeats ||= repeats
    known.threads++
  }
}
