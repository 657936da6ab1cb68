import { packageTests } from "../../vitest.shared.ts";

// Two files at a time on two processors: these tests take longest, and go on when all others are done.
export default packageTests({ maxWorkers: 2 });
