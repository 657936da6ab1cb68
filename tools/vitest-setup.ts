// Silence is tested by default (a habit of vuejs/core): a test that lets a warning or an error reach the console
// fails. A test that expects one takes it over with `vi.spyOn(console, "warn").mockImplementation(() => {})` and
// asserts the call; `restoreMocks` gives the console back before the next test.
import { format } from "node:util";
import { afterAll, afterEach } from "vitest";

const unexpected: string[] = [];

for (const level of ["warn", "error"] as const) {
  console[level] = (...values: unknown[]): void => {
    unexpected.push(`console.${level}: ${format(...values)}`);
  };
}

function refuseOutput(): void {
  const lines = unexpected.splice(0);
  if (lines.length > 0) throw new Error(`unexpected console output\n${lines.join("\n")}`);
}

afterEach(refuseOutput);
afterAll(refuseOutput);
