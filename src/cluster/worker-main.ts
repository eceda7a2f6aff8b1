import { runWorkerProcess } from './worker-process.ts'
import { serveParent } from './worker-parent.ts'

// The entry of a worker process.
serveParent((options) => runWorkerProcess(options))
