// Every op in the plain build; see parity/suite.ts.
import { judgeEveryCase } from "./parity/suite.ts";

await judgeEveryCase("simd");
