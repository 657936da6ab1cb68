// One sample through one call of ours.
import { memory, type nn, SaccadeError, scope, type Tensor, tensor } from "@saccade/core";
import { argumentsOf, bound, dtypeOf, madeTensors, Skip } from "./call.ts";
import { judgeGradients, judgeInputs, judgeOutputs, resultsOf, sameElements } from "./judge.ts";
import type { Numbers, SampleRecord } from "./samples.ts";
import { extensions, forwards, skipped, tied } from "./special.ts";
import type { Target } from "./surface.ts";

export type Outcome = { readonly passed: true } | { readonly failure: string } | { readonly skip: string };

interface Made {
  readonly results: Tensor[];
  /** Whose gradients PyTorch gave, in its order. */
  readonly leaves: readonly Tensor[];
  /** To be disposed. */
  readonly module?: nn.Module;
}

const message = (error: unknown): string => {
  const { name, message: text, stack = "" } = error as Error;
  const where =
    error instanceof SaccadeError ? "" : ` ${stack.split("\n").slice(1, 3).join(" ").replace(/\s+/g, " ")}`;
  return `${name}: ${text}${where}`;
};

function called(target: Target, sample: SampleRecord, tensors: readonly Tensor[], numbers: Numbers): Made {
  const named = bound(target.signature, sample, tensors);
  const reason =
    sample.kind === "error"
      ? undefined
      : skipped.find(({ op, when }) => op.test(target.name) && when(named, sample));
  if (reason !== undefined) throw new Skip(reason.why);
  const args = argumentsOf(target.signature, named);
  const leaves = tensors.filter((x) => x.requiresGrad);
  if (target.kind === "function") return { results: resultsOf(target.call(...args)), leaves };
  const { construct, state = {}, training = false } = sample;
  if (construct === undefined) throw new Skip("no construction");
  const given = madeTensors(construct, numbers);
  const module = new target.make(...argumentsOf(target.construct, bound(target.construct, construct, given)));
  module.loadStateDict(
    new Map(
      Object.entries(state).map(([name, { at, shape, dtype }]): [string, Tensor] => [
        name,
        tensor(numbers.at(at, shape), { shape, dtype: dtypeOf(dtype) }),
      ]),
    ),
  );
  module.train(training);
  const parameters = new Map(module.namedParameters());
  const theirs = (sample.parameters ?? []).map((name) => parameters.get(name) as Tensor);
  const forwarded = forwards.get(target.name)?.(args) ?? args;
  return { results: resultsOf(module.forward(...forwarded)), leaves: [...leaves, ...theirs], module };
}

/** The first difference of values; where equal elements stand in line, any of their places is right. */
function outputProblem(
  target: Target,
  sample: SampleRecord,
  numbers: Numbers,
  results: readonly Tensor[],
  tensors: readonly Tensor[],
): string | null {
  const problem = judgeOutputs(results, sample, numbers);
  if (problem === null || !tied.includes(target.name)) return problem;
  const { dim = -1 } = bound(target.signature, sample, tensors);
  return sameElements(results, sample, numbers, tensors[0], dim as number) ? null : problem;
}

function judged(target: Target, sample: SampleRecord, numbers: Numbers): Outcome {
  const tensors = madeTensors(sample, numbers);
  const { results, leaves, module } = called(target, sample, tensors, numbers);
  const problem =
    outputProblem(target, sample, numbers, results, tensors) ??
    judgeInputs(tensors, sample, numbers) ??
    judgeGradients(results, leaves, sample, numbers);
  module?.dispose();
  return problem === null ? { passed: true } : { failure: problem };
}

/** An error sample must give a SaccadeError, or be one of the extensions. */
function refused(target: Target, sample: SampleRecord, numbers: Numbers): Outcome {
  const text = sample.error ?? "";
  try {
    const tensors = madeTensors(sample, numbers);
    const { results } = called(target, sample, tensors, numbers);
    const shapes = results.map((y) => `${y.dtype} [${y.shape}]`).join(", ");
    const extension = extensions.find(([op, what]) => (op === "" || op === target.name) && what.test(text));
    return extension
      ? { skip: `extension: ${extension[2]}` }
      : { failure: `gives ${shapes}, PyTorch: ${text}` };
  } catch (error) {
    if (error instanceof SaccadeError) return { passed: true };
    throw error;
  }
}

/** A call as text, for the table. */
function shown(sample: SampleRecord): string {
  const { variant, kind, dtype = "", args, kwargs, tensors } = sample;
  const text = (x: unknown): string => {
    if (Array.isArray(x)) return `[${x.map(text).join(", ")}]`;
    if (typeof x !== "object" || x === null) return String(x);
    if ("tensor" in x) {
      const { shape, dtype: type } = tensors[x.tensor as number];
      return `${dtypeOf(type)}[${shape}]`;
    }
    return Object.values(x).join(":");
  };
  const named = Object.entries(kwargs).map(([name, x]) => `${name}=${text(x)}`);
  return `${variant} ${kind} ${dtype} (${[...args.map(text), ...named].join(", ")})`.trim();
}

export function runSample(target: Target, sample: SampleRecord, numbers: Numbers): Outcome {
  if (sample.skip !== undefined) return { skip: sample.skip };
  const before = memory();
  let outcome: Outcome;
  try {
    outcome = scope(() => (sample.kind === "error" ? refused : judged)(target, sample, numbers));
  } catch (error) {
    outcome = error instanceof Skip ? { skip: error.message } : { failure: message(error) };
  }
  const after = memory();
  const leaked = after.liveBytes - before.liveBytes + after.liveTensors - before.liveTensors;
  if (leaked !== 0 && "passed" in outcome) outcome = { failure: `leaves ${leaked} bytes and tensors behind` };
  return "failure" in outcome ? { failure: `${shown(sample)}: ${outcome.failure}` } : outcome;
}
