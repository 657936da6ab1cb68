// Reverse-mode differentiation: entries that lead to the result, newest first; each op writes the gradients of its
// inputs where they belong (see gradient.ts).
import { SaccadeError } from "@saccade/kernels";
import { copyElements } from "../ops/contiguous.ts";
import { fillElements } from "../ops/fill.ts";
import { addInto } from "../ops/inplace.ts";
import { sumTo } from "../ops/sum.ts";
import { type Cost, timed } from "../profile.ts";
import { scope } from "../scope.ts";
import { formatShape, type Geometry, isContiguous, numel, sameShape } from "../shape.ts";
import { empty, type Tensor } from "../tensor.ts";
import type { Target } from "./gradient.ts";
import { freeSaved, noGrad, savedTensors, type TapeEntry, type TapeInput } from "./tape.ts";
import type { Variable } from "./variable.ts";

/** What an op's backward writes its gradients through. Input numbers are those of its forward. */
export class GradientSink {
  readonly #inputs: readonly (TapeInput | null)[];
  /** Targets that had to be made dense because the kernel cannot write the view; added to it at the end. */
  #detours: { input: TapeInput; tensor: Tensor }[] = [];
  #given = new Set<Tensor["storage"]>();

  constructor(entry: TapeEntry) {
    this.#inputs = entry.inputs;
  }

  /** True when the gradient of input `i` is needed. */
  wants(i: number): boolean {
    return this.#inputs[i] != null;
  }

  /**
   * Memory to write the gradient of input `i` to, in its shape, or null when it is not needed. `fits` says which
   * geometries the kernel can write; others get a dense detour.
   */
  target(i: number, fits: (view: Geometry) => boolean = () => true): Target | null {
    const input = this.#inputs[i];
    if (input == null) return null;
    if (fits(input.view)) return input.variable.gathering().target(input.view, input.coverage);
    const tensor = empty(input.view.shape);
    this.#detours.push({ input, tensor });
    return { tensor, acc: 0 };
  }

  /** Gives a computed tensor as the gradient of input `i`: summed where the input was broadcast, taken over if possible. */
  give(i: number, tensor: Tensor): void {
    const input = this.#inputs[i];
    if (input != null) this.#add(input, sumTo(tensor, input.view.shape));
  }

  /** The gradient of input `i` is zero: what an op on no elements says. */
  zero(i: number): void {
    this.#inputs[i]?.variable.gathering().complete();
  }

  flush(): void {
    for (const { input, tensor } of this.#detours) this.#add(input, tensor);
  }

  #add({ variable, view, coverage }: TapeInput, tensor: Tensor): void {
    const gradient = variable.gathering();
    const fresh = !this.#given.has(tensor.storage);
    this.#given.add(tensor.storage);
    if (fresh && gradient.take(view, coverage, tensor)) return;
    const target = gradient.target(view, coverage);
    if (target.acc === 0) timed("copy", () => copyElements(target.tensor, tensor));
    else addInto(target.tensor, tensor);
  }
}

/** Views a kernel can write that knows only dense memory; for GradientSink.target. */
export function contiguous(view: Geometry): boolean {
  return isContiguous(view.shape, view.strides);
}

/** Writes or adds `source`, broadcast to its shape, as `target` says. */
export function store({ tensor, acc }: Target, source: Tensor): void {
  if (acc === 0) copyElements(tensor, source);
  else addInto(tensor, source);
}

export function backward(
  result: Tensor,
  gradient: Tensor | undefined,
  options: { retainGraph?: boolean; createGraph?: boolean },
): void {
  const root = checkResult(result, gradient, options);
  noGrad(() =>
    scope(() => {
      const { steps, leaves } = reachable(root);
      try {
        seed(root, result, gradient);
        for (const { entry, output } of steps) walk(entry, output, options.retainGraph === true);
        // What no view of a leaf wrote to is zero.
        for (const leaf of leaves) if (leaf.gradient?.isEmpty === false) leaf.gradient.complete();
      } catch (error) {
        // Part of a gradient is worse than none, which nobody takes for a result.
        for (const leaf of leaves) leaf.dropGradient();
        throw error;
      } finally {
        for (const { output } of steps) output.dropGradient();
      }
    }),
  );
}

function checkResult(
  result: Tensor,
  gradient: Tensor | undefined,
  options: { createGraph?: boolean },
): Variable {
  if (options.createGraph) {
    throw new SaccadeError("unsupported", "backward: createGraph (gradients of gradients) is not offered");
  }
  for (const x of [result, gradient]) x?.storage; // an error when it was disposed
  if (result.variable === null) {
    throw new SaccadeError(
      "autograd",
      "backward: no input of this tensor requires a gradient; see requiresGrad_()",
    );
  }
  if (gradient === undefined && result.numel !== 1) {
    throw new SaccadeError(
      "shape",
      `backward: a tensor ${formatShape(result.shape)} needs a gradient of its shape; reduce it to one element or pass one`,
    );
  }
  if (gradient !== undefined && !sameShape(gradient.shape, result.shape)) {
    throw new SaccadeError(
      "shape",
      `backward: the gradient ${formatShape(gradient.shape)} does not have the shape ${formatShape(result.shape)} of the tensor`,
    );
  }
  if (gradient !== undefined && gradient.dtype !== "f32") {
    throw new SaccadeError("dtype", `backward: the gradient must be f32, it is ${gradient.dtype}`);
  }
  return result.variable;
}

function seed(root: Variable, result: Tensor, gradient: Tensor | undefined): void {
  const source = gradient ?? empty([]);
  if (gradient === undefined) fillElements(source, 1);
  store(root.gathering().target(result, result.coverage), source);
}

interface Step {
  readonly entry: TapeEntry;
  readonly output: Variable;
}

/** Entries that `root` depends on, newest first, and the leaves they start from. */
function reachable(root: Variable): { steps: Step[]; leaves: Variable[] } {
  const seen = new Set<Variable>([root]);
  const steps: Step[] = [];
  const leaves: Variable[] = [];
  const waiting = [root];
  for (let variable = waiting.pop(); variable !== undefined; variable = waiting.pop()) {
    if (variable.node === null) {
      leaves.push(variable);
      continue;
    }
    steps.push({ entry: variable.node, output: variable });
    for (const input of variable.node.inputs) {
      if (input === null || seen.has(input.variable)) continue;
      seen.add(input.variable);
      waiting.push(input.variable);
    }
  }
  return { steps: steps.sort((a, b) => b.entry.id - a.entry.id), leaves };
}

/** dy, the inputs and their gradients, each once. */
function costOf({ inputs, flops }: TapeEntry, dy: Tensor): Cost {
  const views = inputs.flatMap((input) => (input === null ? [] : [input.view.shape]));
  const bytes = 4 * (dy.numel + views.reduce((sum, shape) => sum + 2 * numel(shape), 0));
  return { flops: 2 * flops, bytes, shapes: formatShape(dy.shape) };
}

function walk(entry: TapeEntry, output: Variable, retain: boolean): void {
  if (output.gradient === null || output.gradient.isEmpty) return;
  const dy = output.gradient.complete();
  scope(() => {
    const sink = new GradientSink(entry);
    const work = (): void => {
      entry.op.backward?.(dy, savedTensors(entry), entry.attrs, sink);
      sink.flush();
    };
    timed(`${entry.op.name}.backward`, work, () => costOf(entry, dy));
  });
  output.dropGradient();
  if (!retain) freeSaved(entry);
}
