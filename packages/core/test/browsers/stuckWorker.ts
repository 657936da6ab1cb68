// The engine's worker, stuck in exp.
import "./stuckKernels.ts";
import "../../src/worker.ts";
