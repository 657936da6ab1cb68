import { availableParallelism } from "node:os";
import { packageTests } from "../../vitest.shared.ts";

// These tests take longest and go on when all others are done: two files at a time even on two processors.
export default packageTests({ maxWorkers: Math.max(2, availableParallelism() - 1) });
