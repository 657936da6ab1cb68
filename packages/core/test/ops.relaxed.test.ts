// Every op in the relaxed build; see parity/suite.ts.
import { judgeEveryCase } from "./parity/suite.ts";

await judgeEveryCase("relaxed");
