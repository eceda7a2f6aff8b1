// Asks several ways at once, takes the first answer, and stops the others.
import { Client, LocalCluster, type TaskContext } from 'heddle'

const cluster = await LocalCluster.start({ workers: 1, threadsPerWorker: 3, processes: false })
const client = new Client(cluster)

/** Tries numbers until one divides, or until nobody wants to know any more. */
const search = function (this: TaskContext, of: number, from: number): number {
  for (let n = from; n * n <= of; n += 2) {
    if (of % n === 0) return n
    if (this.isCancelled) break
  }
  return of
}

const number = 1_000_003 * 1_000_033
const searches = [3, 500_001, 999_983].map((from) => client.submit(search, [number, from]))
const { done, notDone } = await client.wait(searches, { returnWhen: 'FIRST_COMPLETED' })
const [first] = done
console.log('a divisor:', await first?.result(), 'found before', notDone.size, 'others')
client.cancel(notDone)
console.log([...notDone].map(({ status }) => status).join())

client.close()
await cluster.close()
