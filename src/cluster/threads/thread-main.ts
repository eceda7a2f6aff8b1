import { startThreadJob } from '../../exec/fragment.ts'
import { serveThread } from './thread-loop.ts'

// The module that the threads of a pool run.
serveThread(startThreadJob)
