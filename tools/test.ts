// `npm test`: every package's tests through turbo (unchanged packages come from its cache), then what was skipped
// and the totals. Arguments go to turbo: `npm test -- --filter=@saccade/core`, `npm test -- --force`.
import { clearReports, printSummary } from "./skips.ts";
import { turbo } from "./turbo.ts";

const args = process.argv.slice(2);
clearReports();
const status = turbo([
  "run",
  "test",
  "--output-logs=errors-only",
  "--continue=dependencies-successful",
  ...args,
]);
const summary = printSummary(args.some((arg) => arg.startsWith("--filter") || arg === "--affected"));
process.exit(status || summary);
