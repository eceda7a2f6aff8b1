// The same calls twice: results in the order of the calls, then each as soon as it is there.
import { Client, LocalCluster } from 'heddle'

const cluster = await LocalCluster.start({ workers: 2, threadsPerWorker: 2 })
const client = new Client(cluster)

/** Takes longer for larger numbers. */
const slow = async (n: number): Promise<number> => {
  await new Promise((resolve) => {
    setTimeout(resolve, 100 * n)
  })
  return 3 * n
}

const inOrder = client.map(slow, [4, 3, 2, 1])
for (const future of inOrder) console.log('in order', await future.result())

const again = client.map(slow, [4, 3, 2, 1], { pure: false })
for await (const future of client.asCompleted(again)) {
  console.log('as completed', await future.result())
}

client.close()
await cluster.close()
