// Runs turbo with its telemetry off, and without colours in a log file: `node tools/turbo.ts run build`.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/**
 * Runs `turbo …args` from the repository's root and returns its exit status. `stdout` is the descriptor its talk goes to:
 * 2 keeps a program's own stdout for results.
 */
export function turbo(args: readonly string[], stdout: 1 | 2 = 1): number {
  const plain = process.stdout.isTTY || process.env.FORCE_COLOR ? {} : { NO_COLOR: "1" };
  const { status, error } = spawnSync("turbo", args, {
    cwd: fileURLToPath(new URL("../", import.meta.url)),
    env: { ...process.env, ...plain, TURBO_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1" },
    stdio: ["inherit", stdout, "inherit"],
    shell: process.platform === "win32",
  });
  if (error) throw error;
  return status ?? 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exit(turbo(process.argv.slice(2)));
