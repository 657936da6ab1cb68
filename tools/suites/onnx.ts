// `npm run suite:onnx [-- --filter text] [--all]`: ONNX's own operator tests on our public surface, in both kernel builds.
// onnx_cases.py writes the tests, onnxOps.ts and its neighbours say what each operator is here. A test passes when every
// result has the type and shape ONNX wants and lies within 1e-5 of its magnitude + 1e-6, the inputs are what they were
// and the memory is back. What is skipped says why; differences on purpose stand in README.md.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { init, memory, noGrad, SaccadeError, scope, type Tensor, tensor, terminate } from "@saccade/core";
import { layers } from "./onnxLayers.ts";
import { OnnxNode, resultsOf, type StoredNode, type StoredTensor, Unsupported } from "./onnxNode.ts";
import { elementwise, reductions } from "./onnxOps.ts";
import { sequences } from "./onnxSequences.ts";
import { movements } from "./onnxShapes.ts";

interface Named extends StoredTensor {
  readonly name: string;
}

interface Case {
  readonly name: string;
  readonly op: string;
  readonly opset: number;
  readonly skip?: string;
  readonly nodes: readonly StoredNode[];
  readonly inputs: readonly Named[];
  readonly outputs: readonly Named[];
}

const operators = { ...elementwise, ...reductions, ...movements, ...layers, ...sequences };

/** Why operators are not in the table; the others are simply none of ours. */
const absent: Readonly<Record<string, readonly string[]>> = {
  quantised: [
    "ConvInteger",
    "DequantizeLinear",
    "DynamicQuantizeLinear",
    "MatMulInteger",
    "QLinearConv",
    "QLinearMatMul",
    "QuantizeLinear",
  ],
  random: ["Bernoulli", "RandomUniformLike"],
  "bits of integers": ["BitCast", "BitShift", "BitwiseAnd", "BitwiseNot", "BitwiseOr", "BitwiseXor"],
  "optional, sequence or sparse": ["OptionalGetElement", "OptionalHasElement"],
};

/** Tests whose result is another one on purpose; README.md says more. */
const onPurpose: readonly [pattern: RegExp, why: string][] = [
  [/^reduce_(max|min)_empty_set/, "differs: the maximum of nothing is an error, as in PyTorch"],
  [
    /^resize_downsample_scales_\w+_align_corners$/,
    "differs: alignCorners goes by whole sizes, as in PyTorch",
  ],
  [
    /^resize_downsample_\w+_linear_antialias$/,
    "differs: antialias leaves out what lies outside, as in PyTorch",
  ],
];

/** Tests whose results were written down with four digits: judged by ONNX's own tolerance. */
const rounded: ReadonlySet<string> = new Set(["averagepool_2d_ceil_last_window_starts_on_pad"]);

type Outcome =
  | { readonly kind: "passed" }
  | { readonly kind: "failed" | "skipped" | "differs"; readonly why: string };

function reasonOf({ skip, nodes }: Case): string | null {
  if (skip !== undefined) return skip;
  const missing = nodes.find(({ op }) => !Object.hasOwn(operators, op))?.op;
  if (missing === undefined) return null;
  const [reason] = Object.entries(absent).find(([, ops]) => ops.includes(missing)) ?? [
    `no such op: ${missing}`,
  ];
  return reason;
}

// -- one test --------------------------------------------------------------------------------------------------------

const arrays = { f32: Float32Array, i32: Int32Array, bool: Uint8Array };

class Runner {
  readonly #file: Buffer;
  #rounded = false;

  constructor(file: Buffer) {
    this.#file = file;
  }

  values({ dtype, shape, at }: StoredTensor): Float32Array | Int32Array | Uint8Array {
    const n = shape.reduce((a, b) => a * b, 1);
    const bytes = Uint8Array.from(this.#file.subarray(at, at + n * arrays[dtype].BYTES_PER_ELEMENT));
    return new arrays[dtype](bytes.buffer);
  }

  read(stored: StoredTensor): Tensor {
    return tensor(this.values(stored), { shape: stored.shape, dtype: stored.dtype });
  }

  /** Runs the nodes in order; the problem with a result, or null. */
  problem({ nodes, inputs, outputs, opset }: Case): string | null {
    return scope(() => {
      const known = new Map<string, Tensor>(inputs.map((input) => [input.name, this.read(input)]));
      for (const node of nodes) {
        const given = node.inputs.map((name) => known.get(name) ?? null);
        const operator = operators[node.op as keyof typeof operators];
        const results = resultsOf(operator(new OnnxNode(node, given, opset, (stored) => this.read(stored))));
        for (const [i, name] of node.outputs.entries()) {
          const result = results[i];
          if (result) known.set(name, result);
        }
      }
      for (const output of outputs) {
        const wrong = this.difference(known.get(output.name), output);
        if (wrong !== null) return `${output.name}: ${wrong}`;
      }
      for (const input of inputs) {
        if (this.difference(known.get(input.name), input, true) !== null)
          return `input ${input.name} was changed`;
      }
      return null;
    });
  }

  difference(got: Tensor | undefined, expected: StoredTensor, exactly = false): string | null {
    if (got === undefined) return "no result";
    const { dtype, shape } = expected;
    if (got.dtype !== dtype || got.shape.join() !== shape.join())
      return `is ${got.dtype} (${got.shape.join(", ")}), not ${dtype} (${shape.join(", ")})`;
    const [ours, theirs] = [got.toTypedArray(), this.values(expected)];
    let scale = 0;
    for (const value of theirs) if (Number.isFinite(value)) scale = Math.max(scale, Math.abs(value));
    const [relative, absolute] = this.#rounded ? [1e-3, 1e-7] : [1e-5, 1e-6];
    const tolerance = exactly || dtype !== "f32" ? 0 : relative * scale + absolute;
    const same = (a: number, b: number): boolean =>
      Object.is(a, b) || a === b || Math.abs(a - b) <= tolerance;
    const at = ours.findIndex((value, i) => !same(value, theirs[i]));
    return at < 0 ? null : `[${at}] is ${ours[at]}, not ${theirs[at]}, at a scale of ${scale.toPrecision(3)}`;
  }

  outcome(test: Case): Outcome {
    const why = reasonOf(test);
    if (why !== null) return { kind: "skipped", why };
    const before = memory();
    this.#rounded = rounded.has(test.name);
    try {
      const problem = noGrad(() => this.problem(test));
      if (problem !== null) return failure(test, problem);
    } catch (error) {
      if (error instanceof Unsupported) return { kind: "skipped", why: error.message };
      const { name, message } = error as Error;
      return failure(test, error instanceof SaccadeError ? message : `${name}: ${message}`);
    }
    const after = memory();
    const kept = after.liveTensors - before.liveTensors;
    if (kept !== 0 || after.liveBytes !== before.liveBytes) return failure(test, `${kept} tensors were left`);
    return { kind: "passed" };
  }
}

function failure({ name }: Case, why: string): Outcome {
  const known = onPurpose.find(([pattern]) => pattern.test(name));
  return known === undefined ? { kind: "failed", why } : { kind: "differs", why: known[1] };
}

// -- all of them -----------------------------------------------------------------------------------------------------

/** The exported tests; null when Python or its package is missing. */
function exported(directory: string): { version: string; cases: readonly Case[]; file: Buffer } | null {
  if (!existsSync(join(directory, "cases.json"))) {
    const python = process.env.PYTHON ?? "python3";
    const program = fileURLToPath(new URL("onnx_cases.py", import.meta.url));
    if (spawnSync(python, ["-c", "import onnx"]).status !== 0) {
      console.error(
        `suite:onnx: ${python} has no package "onnx"; pip install onnx, or name another Python in PYTHON`,
      );
      return null;
    }
    if (spawnSync(python, [program, directory], { stdio: "inherit" }).status !== 0) return null;
  }
  const read = (name: string): Buffer => readFileSync(join(directory, name));
  return { ...JSON.parse(read("cases.json").toString()), file: read("tensors.bin") };
}

type Judged = Case & { readonly outcome: Outcome };

function report(title: string, judged: readonly Judged[], all: boolean): void {
  const count = (cases: readonly Judged[], kind: Outcome["kind"]): number =>
    cases.filter(({ outcome }) => outcome.kind === kind).length;
  const kinds = ["passed", "failed", "differs", "skipped"] as const;
  const cells = (name: string, cases: readonly Judged[]): string[] => [
    name,
    ...[cases.length, ...kinds.map((kind) => count(cases, kind))].map((n) => String(n || "")),
    String([...new Set(cases.flatMap(({ outcome }) => ("why" in outcome ? [outcome.why] : [])))].join("; ")),
  ];
  const byOp = Map.groupBy(judged, ({ op }) => op);
  const rows = [...byOp].sort(([a], [b]) => (a < b ? -1 : 1)).map(([op, cases]) => cells(op, cases));
  const header = ["op", "tests", ...kinds, "why"];
  for (const [name, ...row] of [header, ...rows, cells("all", judged).slice(0, -1)]) {
    const [numbers, why = ""] = [row.slice(0, 5), row[5]];
    console.log(
      `${name.padEnd(28)}${numbers.map((n) => n.padStart(8)).join("")}  ${why.slice(0, 120)}`.trimEnd(),
    );
  }
  const failed = judged.filter(({ outcome }) => outcome.kind === "failed");
  for (const { name, outcome } of all ? failed : failed.slice(0, 40))
    console.log(`FAILED ${name}: ${"why" in outcome ? outcome.why : ""}`);
  const skipped = judged.filter(({ outcome }) => outcome.kind === "skipped" || outcome.kind === "differs");
  const reasons = [...Map.groupBy(skipped, ({ outcome }) => ("why" in outcome ? outcome.why : ""))];
  console.log("\nskipped or different on purpose:");
  for (const [why, cases] of reasons.sort(([, a], [, b]) => b.length - a.length))
    console.log(`${String(cases.length).padStart(6)}  ${why}`);
  console.log(
    `\n${title}: ${byOp.size} operators, ${judged.length} tests in 2 builds: ${count(judged, "passed")} passed, ` +
      `${failed.length} failed, ${count(judged, "differs")} differ on purpose, ${count(judged, "skipped")} skipped`,
  );
}

async function main(): Promise<number> {
  const { values: options } = parseArgs({
    options: {
      filter: { type: "string", default: "" },
      all: { type: "boolean", default: false },
      cases: { type: "string" },
    },
  });
  const directory = options.cases ?? mkdtempSync(join(tmpdir(), "saccade-onnx-"));
  const suite = exported(directory);
  if (options.cases === undefined) rmSync(directory, { recursive: true });
  if (suite === null) return 2;
  const runner = new Runner(suite.file);
  const chosen = suite.cases.filter(({ name, op }) => `${op} ${name}`.includes(options.filter));
  const outcomes = new Map<string, Outcome>();
  for (const variant of ["simd", "relaxed"] as const) {
    await init({ variant, development: true });
    for (const test of chosen) {
      const known = outcomes.get(test.name)?.kind ?? "passed";
      if (known === "passed") outcomes.set(test.name, runner.outcome(test));
    }
    terminate();
  }
  const judged = chosen.map((test) => ({ ...test, outcome: outcomes.get(test.name) as Outcome }));
  const swept = ({ name }: Case): boolean => name.startsWith("sweep_");
  for (const [title, own] of [
    [`onnx ${suite.version}`, false],
    [`sweep by the evaluator of onnx ${suite.version}`, true],
  ] as const) {
    const part = judged.filter((test) => swept(test) === own);
    if (part.length > 0) report(title, part, options.all);
  }
  return judged.some(({ outcome }) => outcome.kind === "failed") ? 1 : 0;
}

process.exitCode = await main();
