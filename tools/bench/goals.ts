// What is aimed at, as ratios within one run, and which of it a run reached.
import type { RowResult } from "./measure.ts";
import type { SuiteReport } from "./report.ts";
import { geometricMean } from "./statistics.ts";
import { elementwise, stackElements, type Task } from "./tasks.ts";

/** "geomean" over all rows together, or "worst": every single row. */
type Combination = "geomean" | "worst";

export interface Goal {
  readonly suite: string;
  readonly text: string;
  readonly combine: Combination;
  readonly atLeast: number;
  /** Threads it is meant for; any without it. */
  readonly threads?: (threads: number) => boolean;
  readonly values: (rows: readonly RowResult[]) => readonly number[];
}

export interface Verdict {
  readonly goal: string;
  readonly suite: string;
  readonly threads: number;
  readonly wanted: number;
  /** NaN when nothing in this run measures it. */
  readonly value: number;
  readonly state: "met" | "missed" | "not measured";
}

type Choice = (task: Task) => boolean;
const any: Choice = () => true;

const defined = (values: readonly (number | undefined)[]): number[] =>
  values.filter((value) => value !== undefined);

const against =
  (peer: string, choice: Choice = any): Goal["values"] =>
  (rows) =>
    defined(rows.filter(({ task }) => choice(task)).map(({ ratios }) => ratios[peer]));

export const copiesName = (threads: number): string => `${threads} copies`;
const isCopies = (name: string): boolean => name.endsWith(" copies");

/** The ratio to whoever is fastest in each row. */
const againstFastest =
  (choice: Choice = any, peers?: readonly string[]): Goal["values"] =>
  (rows) =>
    rows.flatMap(({ task, ratios }) => {
      if (!choice(task)) return [];
      const names = Object.keys(ratios).filter((name) => !isCopies(name) && (peers?.includes(name) ?? true));
      return names.length === 0 ? [] : [Math.min(...names.map((name) => ratios[name]))];
    });

const shares =
  (choice: Choice = any): Goal["values"] =>
  (rows) =>
    defined(rows.filter(({ task }) => choice(task)).map(({ limit }) => limit?.share)).filter(Number.isFinite);

const sizes =
  (holds: (M: number, K: number, N: number) => boolean): Choice =>
  (task) =>
    task.op === "matmul" && holds(task.M, task.K, task.N);

/** Shares of the limit of every nt and tn row over that of the nn row of the same sizes. */
function formsOverNn(rows: readonly RowResult[]): number[] {
  const keyOf = (task: Task): string =>
    task.op === "matmul" ? [task.batch, task.M, task.K, task.N].join(" ") : "";
  const isNn = ({ task }: RowResult): boolean => task.op === "matmul" && task.form === "nn";
  const base = new Map(rows.filter(isNn).map(({ task, limit }) => [keyOf(task), limit?.share]));
  return defined(
    rows
      .filter((row) => !isNn(row))
      .map(({ task, limit }) => {
        const nn = base.get(keyOf(task));
        return nn === undefined || limit === undefined ? undefined : limit.share / nn;
      }),
  ).filter(Number.isFinite);
}

const copies: Goal["values"] = (rows) =>
  rows.flatMap(({ ratios }) =>
    Object.entries(ratios)
      .filter(([name]) => isCopies(name))
      .map(([, ratio]) => ratio),
  );

const CACHE_BYTES = 32 * 2 ** 20;
const beyondCache: Choice = (task) => {
  if (task.op === "stack") return task.rows === 1 && stackElements(task) * 4 > CACHE_BYTES;
  return task.op === "chain" && task.shape[0] * task.shape[1] * 4 > CACHE_BYTES;
};
const moves: Choice = (task) =>
  task.op === "chain" && elementwise[task.name].bound === "memory" && beyondCache(task);
const exponential: Choice = (task) =>
  task.op === "chain" && elementwise[task.name].bound !== "memory" && !beyondCache(task);
const nanoGpt: Choice = (task) => task.op === "train" && task.model === "GPT" && task.width < 384;
const wide: Choice = (task) => task.op === "train" && task.model === "GPT" && task.width >= 384;

const ORT = "onnxruntime-web";
const rowsOf16 = sizes((M) => M >= 16);
const largeProducts = sizes((M, K, N) => Math.min(M, K, N) >= 128);
const several = (threads: number): boolean => threads > 1;
const SECOND = ["gemm", "attention", "conv", "recurrent", "elementwise"];

export const goals: readonly Goal[] = [
  {
    suite: "gemm",
    text: "M ≥ 16, beside onnxruntime-web",
    combine: "geomean",
    atLeast: 2,
    values: against(ORT, rowsOf16),
  },
  {
    suite: "gemm",
    text: "M ≥ 16, beside tfjs-wasm",
    combine: "geomean",
    atLeast: 1.65,
    values: against("tfjs-wasm", rowsOf16),
  },
  {
    suite: "gemm",
    text: "share of the peak, M, N, K ≥ 128",
    combine: "worst",
    atLeast: 0.9,
    values: shares(largeProducts),
  },
  {
    suite: "gemm",
    text: "share of the peak, M ≥ 8 and N, K ≥ 256",
    combine: "worst",
    atLeast: 0.75,
    values: shares(sizes((M, K, N) => M >= 8 && Math.min(K, N) >= 256)),
  },
  {
    suite: "gemm-simd",
    text: "M ≥ 16, beside onnxruntime-web",
    combine: "geomean",
    atLeast: 1.4,
    values: against(ORT, rowsOf16),
  },
  {
    suite: "forms",
    text: "share of the peak at K = 64, M and N ≥ 128",
    combine: "worst",
    atLeast: 0.85,
    values: shares(sizes((M, K, N) => K === 64 && Math.min(M, N) >= 128)),
  },
  { suite: "forms", text: "nt and tn over nn", combine: "worst", atLeast: 0.9, values: formsOverNn },
  {
    suite: "decode",
    text: "share of the stream read, beyond cache",
    combine: "worst",
    atLeast: 0.9,
    values: shares(beyondCache),
  },
  {
    suite: "attention",
    text: "beside onnxruntime-web",
    combine: "worst",
    atLeast: 2,
    values: against(ORT),
  },
  {
    suite: "elementwise",
    text: "share of copy or triad, beyond cache",
    combine: "worst",
    atLeast: 0.9,
    values: shares(moves),
  },
  {
    suite: "elementwise",
    text: "beyond cache, beside the fastest peer",
    combine: "worst",
    atLeast: 1.3,
    values: againstFastest(moves),
  },
  {
    suite: "elementwise",
    text: "share of their polynomial, in cache",
    combine: "worst",
    atLeast: 0.8,
    values: shares(exponential),
  },
  {
    suite: "elementwise",
    text: "exponentials in cache, beside the fastest peer",
    combine: "worst",
    atLeast: 1.5,
    values: againstFastest(exponential),
  },
  {
    suite: "conv",
    text: "beside the fastest peer",
    combine: "worst",
    atLeast: 1.5,
    values: againstFastest(),
  },
  {
    suite: "recurrent",
    text: "beside onnxruntime-web",
    combine: "worst",
    atLeast: 1.5,
    values: against(ORT),
  },
  {
    suite: "networks",
    text: "beside onnxruntime-web",
    combine: "worst",
    atLeast: 1.8,
    values: against(ORT),
  },
  {
    suite: "generate",
    text: "beside onnxruntime-web",
    combine: "worst",
    atLeast: 1.8,
    values: against(ORT),
  },
  { suite: "startup", text: "beside onnxruntime-web", combine: "worst", atLeast: 10, values: against(ORT) },
  { suite: "load", text: "beside onnxruntime-web", combine: "worst", atLeast: 2, values: against(ORT) },
  {
    suite: "step",
    text: "nanoGPT's CPU configuration, beside PyTorch",
    combine: "worst",
    atLeast: 1,
    values: against("pytorch", nanoGpt),
  },
  {
    suite: "step",
    text: "384 wide, beside PyTorch",
    combine: "worst",
    atLeast: 0.45,
    values: against("pytorch", wide),
  },
  {
    suite: "step",
    text: "beside the fastest wasm peer",
    combine: "worst",
    atLeast: 2.5,
    values: againstFastest(any, ["jax-js", "tfjs-wasm"]),
  },
  ...SECOND.map(
    (suite): Goal => ({
      suite,
      text: "threads, beside as many independent copies",
      combine: "worst",
      atLeast: 0.95,
      threads: several,
      values: copies,
    }),
  ),
];

/** Every goal of the suites that ran, for each thread count. */
export function verdictsOf(reports: readonly SuiteReport[], aims: readonly Goal[] = goals): Verdict[] {
  return reports.flatMap(({ suite, threads, rows }) =>
    aims
      .filter((goal) => goal.suite === suite && (goal.threads?.(threads) ?? true))
      .map((goal) => verdictOf(goal, threads, rows)),
  );
}

function verdictOf(goal: Goal, threads: number, rows: readonly RowResult[]): Verdict {
  const values = goal.values(rows);
  const { suite, text, combine, atLeast: wanted } = goal;
  const value = goal.combine === "geomean" ? geometricMean(values) : Math.min(...values);
  const named = {
    goal: `${text} (${combine === "worst" ? "every row" : "geometric mean"})`,
    suite,
    threads,
    wanted,
  };
  if (values.length === 0) return { ...named, value: Number.NaN, state: "not measured" };
  return { ...named, value, state: value >= wanted ? "met" : "missed" };
}

export function verdictText(verdicts: readonly Verdict[]): string {
  return verdicts
    .map(({ goal, suite, threads, wanted, value, state }) => {
      const measured = Number.isFinite(value) ? value.toFixed(2) : "–";
      return `${state.padEnd(12)} ${measured.padStart(6)}  wanted ${wanted.toFixed(2)}  ${suite}, ${threads} thr.: ${goal}`;
    })
    .join("\n");
}
