// `npm run bench [-- suite…] [--help]`: measurements as ratios within one run, one program per suite. Comparisons with
// other libraries join here as suites of their own.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { root } from "../project.ts";

interface Suite {
  readonly about: string;
  readonly workspace: string;
  readonly program: string;
  readonly args: readonly string[];
}

const text = `${root}../shared/data/tiny_shakespeare/input.txt`;

const suites: Readonly<Record<string, Suite>> = {
  gemm: {
    about:
      "matrix products and matrix times vector, as a share of the in-run multiply-add peak and stream read",
    workspace: "packages/kernels",
    program: "tools/gemm-bench.ts",
    args: ["relaxed"],
  },
  "gemm-simd": {
    about: "the same for the plain build",
    workspace: "packages/kernels",
    program: "tools/gemm-bench.ts",
    args: ["simd"],
  },
  threads: {
    about: "a second thread, beside two independent single-thread copies in the same rounds",
    workspace: "tools",
    program: "bench/threads.ts",
    args: [],
  },
  training: {
    about: "nanoGPT's CPU configuration beside PyTorch (needs Python with tools/oracle/requirements.txt)",
    workspace: "packages/models",
    program: "tools/compare-training.ts",
    args: [text],
  },
};

function help(): string {
  const rows = Object.entries(suites).map(([name, { about }]) => `  ${name.padEnd(12)} ${about}`);
  return ["npm run bench [-- suite…]", "", ...rows, "", "Without a suite: gemm."].join("\n");
}

function main(args: readonly string[]): number {
  if (args.includes("--help")) {
    console.log(help());
    return 0;
  }
  const names = args.length > 0 ? args : ["gemm"];
  const unknown = names.find((name) => !Object.hasOwn(suites, name));
  if (unknown !== undefined) {
    console.error(`bench: there is no suite "${unknown}"\n\n${help()}`);
    return 2;
  }
  for (const name of names) {
    const suite = suites[name];
    const missing = suite.args.find((arg) => arg.startsWith("/") && !existsSync(arg));
    if (missing !== undefined) {
      console.error(`bench ${name}: ${missing} is not there`);
      return 1;
    }
    const command = ["--conditions=@saccade/source", suite.program, ...suite.args];
    const { status } = spawnSync(process.execPath, command, {
      cwd: root + suite.workspace,
      stdio: "inherit",
    });
    if (status !== 0) return status ?? 1;
  }
  return 0;
}

process.exit(main(process.argv.slice(2)));
