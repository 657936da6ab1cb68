// @saccade/core/worker: the program of a worker thread, for `init({ createWorker })`.
import "@saccade/kernels/worker";
