// The verdict on one case in the running build: its result against the float64 reference and PyTorch, and what must
// hold bit by bit wherever the inputs lie, however the work is cut and whichever gradients are wanted.
import { engine, type Splitter } from "../../src/engine.ts";
import { memory } from "../../src/index.ts";
import { type Case, centralDifferences, isLeaf } from "./cases.ts";
import { compare, identical, largest, parityBound, statedBound, UNIT } from "./compare.ts";
import { type Fixture, fixtureOf } from "./fixtures.ts";
import { gapped, type Placement, type Result, type RunOptions, rowsApart, run, turned } from "./run.ts";

/** Largest errors, in units of 2^-24 of the tensor's magnitude. */
export interface Errors {
  readonly reference: number;
  readonly torch: number;
  readonly gradient: number;
}

/** Runs every check of a case; an error says which failed. */
export function judge(c: Case): Errors {
  // A development engine takes a stack trace for each tensor, which is more work than the tensors here.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return judged(c);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function judged(c: Case): Errors {
  const before = memory();
  const plain = run(c);
  const errors = judgeValues(c, plain);
  judgeStrides(c, plain);
  judgeCuts(c, plain);
  judgeRecording(c, plain);
  const after = memory();
  if (after.liveBytes !== before.liveBytes || after.liveTensors !== before.liveTensors) {
    const bytes = after.liveBytes - before.liveBytes;
    fail("memory", `${bytes} bytes and ${after.liveTensors - before.liveTensors} tensors stay`);
  }
  return errors;
}

function fail(check: string, what: string): never {
  throw new Error(`${check}: ${what}`);
}

// -- values --------------------------------------------------------------------------------------------------------

/** Forward against the reference and PyTorch, gradients against PyTorch, or differences where it has none. */
export function judgeValues(c: Case, result: Result): Errors {
  const fixture = fixtureOf(c);
  let [reference, torch] = [0, 0];
  for (const [i, wanted] of c.expected.entries()) {
    if (String(result.shapes[i]) !== String(wanted.shape))
      fail("shape", `(${result.shapes[i]}), not (${wanted.shape})`);
    if (result.dtypes[i] !== wanted.dtype) fail("type", `${result.dtypes[i]}, not ${wanted.dtype}`);
    const verdict = compare(result.outputs[i], wanted.data, statedBound(c, i));
    if (verdict.complaint) fail("forward against the reference", verdict.complaint);
    reference = Math.max(reference, verdict.error);
    if (fixture === null) continue;
    const recorded = fixture.outputs[i];
    const bound = parityBound(recorded);
    const parity = compare(result.outputs[i], recorded.values, () => bound);
    if (parity.complaint) fail("forward against PyTorch", parity.complaint);
    torch = Math.max(torch, parity.error);
  }
  if (result.outputs.length !== c.expected.length)
    fail("outputs", `${result.outputs.length}, not ${c.expected.length}`);
  return { reference, torch, gradient: judgeGradients(c, result, fixture) };
}

function judgeGradients(c: Case, { gradients }: Result, fixture: Fixture | null): number {
  if (c.cotangents.every((cotangent) => cotangent === null)) return 0;
  let worst = 0;
  const got = c.inputs.map((x, i) =>
    x !== null && isLeaf(c.ref, c.inputs, i) ? (gradients[i] ?? new Float32Array(x.data.length)) : null,
  );
  const bounds: number[] = [];
  for (const [i, gradient] of got.entries()) {
    const recorded = fixture?.gradients[i];
    if (gradient === null || !recorded) continue;
    bounds[i] = parityBound(recorded);
    const parity = compare(gradient, recorded.values, () => bounds[i]);
    if (parity.complaint) fail(`gradient of input ${i} against PyTorch`, parity.complaint);
    worst = Math.max(worst, parity.error);
  }
  // Recorded gradients were held against the differences already (references.test.ts).
  const recorded = got.every((gradient, i) => gradient === null || fixture?.gradients[i]);
  const differences = recorded ? [] : centralDifferences(c);
  for (const { input, index, value, slack } of differences) {
    if (!Number.isFinite(Math.fround(value))) continue;
    bounds[input] ??=
      32 * UNIT * largest(Float64Array.from(differences, (d) => (d.input === input ? d.value : 0)));
    const found = got[input]?.[index] as number;
    if (Math.abs(found - value) <= bounds[input] + slack) continue;
    fail(
      `gradient of input ${input} against central differences`,
      `element ${index} is ${found}, not ${value}`,
    );
  }
  return worst;
}

// -- what must not matter ---------------------------------------------------------------------------------------------

function expectSame(check: string, result: Result, plain: Result): void {
  for (const [i, y] of plain.outputs.entries()) {
    if (!identical(result.outputs[i], y)) fail(check, `output ${i} is ${differing(result.outputs[i], y)}`);
  }
  for (const [i, gradient] of result.gradients.entries()) {
    if (identical(gradient, plain.gradients[i], false)) continue;
    fail(check, `the gradient of input ${i} is ${differing(gradient, plain.gradients[i])}`);
  }
}

function differing(got: ArrayLike<number> | null, wanted: ArrayLike<number> | null): string {
  if (got === null || wanted === null) return `${got === null ? "absent" : "there"}`;
  const at = Array.from(got).findIndex((value, i) => !Object.is(value, wanted[i]));
  return `${got[at]} at ${at}, not ${wanted[at]}`;
}

const placements: readonly (readonly [string, Placement])[] = Object.entries({ turned, gapped, rowsApart });

/** Wherever the inputs lie, the same bits, unless an op says otherwise: each place for all inputs, and each input alone. */
function judgeStrides(c: Case, plain: Result): void {
  const present = c.inputs.flatMap((x, i) => (x === null ? [] : [i]));
  const inPlace = (chosen: readonly number[], [name, placement]: (typeof placements)[number]): void => {
    const placed = c.inputs.map((_, i) => (chosen.includes(i) ? placement : undefined));
    const result = run(c, { placements: placed });
    if (c.ref.followsMemory) judgeValues(c, result);
    if (c.ref.followsMemory === "gradients too") return;
    expectSame(
      `inputs ${chosen} ${name}`,
      c.ref.followsMemory ? { ...result, outputs: plain.outputs } : result,
      plain,
    );
  };
  for (const placement of placements) inPlace(present, placement);
  if (present.length === 1) return;
  // Which place an input has alone goes round with the cases.
  for (const i of present) inPlace([i], placements[(i + c.name.length) % placements.length]);
}

const cuts: Record<string, (units: number) => number[]> = {
  "in two": (units) => (units > 1 ? [Math.floor(units / 2)] : []),
  "at the ends": (units) => (units > 2 ? [1, units - 1] : []),
  everywhere: (units) =>
    units > 32 ? [3, 10, 11, 18, units - 6] : Array.from({ length: units - 1 }, (_, i) => i + 1),
};

/** The ranges between cuts, from the first to the last or the other way round. */
function ranges(cut: (units: number) => number[], backwards: boolean): Splitter {
  return (units) => {
    const bounds = [0, ...cut(units), units];
    const pieces = bounds.slice(1).map((end, i) => [bounds[i], end] as const);
    return backwards ? pieces.reverse() : pieces;
  };
}

/** Every dispatch cut into ranges, in either order as threads may take them: the same bits. */
function judgeCuts(c: Case, plain: Result): void {
  try {
    for (const [name, cut] of Object.entries(cuts)) {
      const backwards = name === "everywhere";
      engine().splitter = ranges(cut, backwards);
      expectSame(`cut ${name}`, run(c), plain);
    }
  } finally {
    engine().splitter = null;
  }
}

/** Without a tape the same values; each gradient alone the same; two passes twice the gradient. */
function judgeRecording(c: Case, plain: Result): void {
  if (plain.gradients.every((gradient) => gradient === null)) return;
  const alone = (options: RunOptions): Result => run(c, options);
  const none = alone({ wanted: [] });
  const expectAlike = (check: string, result: Result, gradients: Result["gradients"]): void => {
    if (!c.ref.choosesKernels) expectSame(check, result, { ...plain, gradients });
    else judgeValues(c, { ...result, gradients: plain.gradients.map((g, i) => result.gradients[i] ?? g) });
  };
  expectAlike("without gradients", { ...none, gradients: [] }, []);
  const flowing = plain.gradients.flatMap((gradient, i) => (gradient === null ? [] : [i]));
  for (const i of flowing.length > 1 ? flowing : []) {
    const gradients = plain.gradients.map((gradient, j) => (i === j ? gradient : null));
    expectAlike(`only input ${i} wanted`, alone({ wanted: [i] }), gradients);
  }
  const twice = alone({ passes: 2 });
  for (const i of flowing) {
    const doubled = Float64Array.from(plain.gradients[i] as Float32Array, (g) => 2 * g);
    const slack = 4 * UNIT * largest(doubled);
    const { complaint } = compare(twice.gradients[i] as Float32Array, doubled, () => slack);
    if (complaint) fail(`the gradient of input ${i} after two passes`, complaint);
  }
}
