import { parentPort, workerData } from 'node:worker_threads'
import { present } from '../../base/assert.ts'
import { CallBoard } from './call-board.ts'
import type { CallRequest } from './call-messages.ts'
import { CallServer } from './call-server.ts'
import type { FunctionThreadStart } from './function-thread.ts'

// A thread that runs functions of users. It has no memory of the engine's.
const port = present(parentPort, 'a thread has a parent')
const { shared, resultBytesMax } = workerData as FunctionThreadStart
const server = new CallServer({
  board: new CallBoard(shared),
  reply: (reply, transfer) => port.postMessage(reply, transfer),
  nowMs: () => performance.now(),
  resultBytesMax,
})
port.on('message', (request: CallRequest) => server.receive(request))
