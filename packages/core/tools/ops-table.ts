// docs/ops.md, from the references beside the ops: what PyTorch calls each, whether it has a gradient, the types it takes,
// whether it is a kernel of its own or composed of others, its largest errors, and how fast its `large` sample runs.
import { engine } from "../src/engine.ts";
import * as saccade from "../src/index.ts";
import { type Profile, profile, scope } from "../src/index.ts";
import { type OpRef, type RefTensor, SampleRandom } from "../src/reference.ts";
import type { Case } from "../test/parity/cases.ts";

/** Largest errors of one op as text: forward in both builds, PyTorch's own, gradients in both builds. */
export interface ErrorCells {
  readonly forward: readonly [string, string];
  readonly torch: string;
  readonly gradient: readonly [string, string];
}

const TITLES = [
  "op",
  "PyTorch",
  "gradient",
  "types",
  "how",
  "cases",
  "error, simd",
  "relaxed",
  "PyTorch's own",
  "gradient, simd",
  "relaxed",
  "speed",
];

/** The whole page; `environment` says where the speeds were measured. Needs a running engine. */
export function opsPage(
  cases: readonly Case[],
  errorsOf: (op: string) => ErrorCells,
  environment: string,
): string {
  const names = [...new Set(cases.map(({ ref }) => ref.op))].sort((a, b) => a.localeCompare(b));
  const rows = names.map((name) => {
    const own = cases.filter(({ ref }) => ref.op === name);
    const differentiable = own.some(({ ref }) => ref.differentiable);
    const { forward, torch, gradient } = errorsOf(name);
    const { how, speed } = measured(own);
    const gradients = differentiable ? gradient : ["", ""];
    const cells = [name, torchNames(own), differentiable ? "yes" : "", typesOf(own), how, String(own.length)];
    return [...cells, ...forward, torch, ...gradients, speed];
  });
  const table = [TITLES, TITLES.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
  return [
    "# Ops",
    "",
    "Written by `npm run parity -- --markdown` from the references beside the ops. Errors are the largest over all cases, in",
    "units of 2^-24 of the tensor's largest magnitude: forward against float64, gradients against PyTorch's; PyTorch's own is",
    "how far its float32 strays from float64. Every op takes views of any strides, and each case was run on four of them. *How*:",
    "a kernel of its own, composed of other ops, or a view that moves nothing. *Speed* is of the forward on one thread, the median",
    `of seven calls of a realistic size, in GB/s of what it must read and write or in GFLOP/s where arithmetic decides: ${environment}.`,
    "",
    ...table,
    "",
    "## By PyTorch's name",
    "",
    ...byTorchName(names, cases),
    "",
  ].join("\n");
}

/** "torch.add", "F.gelu", … as they stand in the expressions an op is judged by. */
function torchNamesOf(ref: OpRef): string[] {
  if (ref.torchName !== undefined) return [ref.torchName];
  const called = ref.torch.match(/\b(?:torch|F)\.(?:[a-z_]\w*\.)*[a-z_]\w*(?=\()/g) ?? [];
  const methods = [...ref.torch.matchAll(/(?<!\b(?:torch|F))\.([a-z_]\w*)\(/g)]
    .map((match) => `Tensor.${match[1]}`)
    .filter((name) => !called.some((other) => other.endsWith(name.slice("Tensor".length))));
  const helpers =
    /^(torch\.(as_tensor|tensor|no_grad)|Tensor\.(to|long|dim|float|double|detach|clone|contiguous))$/;
  const [first] = [...called, ...methods].filter((name) => !helpers.test(name));
  return first === undefined ? [] : [first];
}

function torchNames(cases: readonly Case[]): string {
  const names = new Set(cases.flatMap(({ ref }) => torchNamesOf(ref)));
  if (names.size > 0) return [...names].map((name) => `\`${name}\``).join(", ");
  return `\`${cases[0].ref.torch.replaceAll("|", "\\|")}\``;
}

function byTorchName(ops: readonly string[], cases: readonly Case[]): string[] {
  const pairs = ops.flatMap((op) => {
    const names = new Set(cases.filter(({ ref }) => ref.op === op).flatMap(({ ref }) => torchNamesOf(ref)));
    return [...names].map((name): [string, string] => [name.replace(/^F\./, "torch.nn.functional."), op]);
  });
  pairs.sort(([a], [b]) => a.localeCompare(b));
  return [
    "| PyTorch | Saccade |",
    "| --- | --- |",
    ...pairs.map(([name, op]) => `| \`${name}\` | \`${op}\` |`),
  ];
}

/** Types the op's data may have: those of the inputs that are not always i32 or bool. */
function typesOf(cases: readonly Case[]): string {
  const seen = new Set(cases.flatMap(({ inputs }) => (inputs[0] === null ? [] : [inputs[0]?.dtype])));
  return (["f32", "i32", "bool"] as const).filter((dtype) => seen.has(dtype)).join(" ");
}

const ROUNDS = 7;

/** How an op is made, and how fast its large sample runs. */
function measured(cases: readonly Case[]): { how: string; speed: string } {
  const { ref, sample } = cases.find((c) => c.ref.large !== undefined) ?? cases.find(isOrdinary) ?? cases[0];
  const { inputs: makers, attrs } = ref.large ?? sample;
  return scope(() => {
    const values = makers.map((make, i) => make?.(new SampleRandom(`${ref.op}/${i}`)) ?? null);
    const inputs = values.map((x) => x && saccade.tensor(x.data, { shape: x.shape, dtype: x.dtype }));
    let bytes = values.reduce((sum, x) => sum + bytesOf(x), 0);
    const call = (): Profile<number> =>
      profile(() =>
        scope(() => {
          const results = [ref.call(inputs as saccade.Tensor[], attrs, saccade)].flat();
          return results.reduce((sum, y) => sum + y.numel * (y.dtype === "bool" ? 1 : 4), 0);
        }),
      );
    const { rows, result } = call();
    bytes += result;
    const how = howOf(rows);
    if (ref.large === undefined || how === "view") return { how, speed: "" };
    const times = Array.from({ length: ROUNDS }, () => {
      const start = performance.now();
      call();
      return performance.now() - start;
    });
    const seconds = times.sort((a, b) => a - b)[ROUNDS >> 1] / 1000;
    const flops = rows.reduce((sum, row) => sum + row.flops, 0);
    const speed =
      flops > 8 * bytes
        ? `${(flops / seconds / 1e9).toFixed(1)} GFLOP/s`
        : `${(bytes / seconds / 1e9).toFixed(1)} GB/s`;
    return { how, speed };
  });
}

/** A case that no cast, no empty tensor and no special value makes different. */
function isOrdinary({ inputs, sample }: Case): boolean {
  return (
    sample.note === undefined && inputs.every((x) => x === null || (x.dtype !== "bool" && x.data.length > 1))
  );
}

function bytesOf(x: RefTensor | null): number {
  return x === null ? 0 : x.data.length * (x.dtype === "bool" ? 1 : 4);
}

function howOf(rows: Profile<unknown>["rows"]): string {
  const ops = rows.filter(({ op }) => op !== "copy");
  if (ops.length === 0) return rows.length === 0 ? "view" : "kernel";
  return ops.length === 1 && ops[0].calls === 1 ? "kernel" : "composed";
}

/** The build and runtime of the running engine, for the page. */
export function environmentOf(commit: string): string {
  const date = new Date().toISOString().slice(0, 10);
  return `${engine().info.variant} build, Node ${process.versions.node}, ${date}, ${commit}`;
}
