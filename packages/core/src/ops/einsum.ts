// Sums of products in Einstein's notation. torch.einsum (NumPy's einsum with letters and "…")
// Operands are contracted from left to right. What only one of a pair has and nothing after needs is summed first; what
// both have and something needs is a batch; the rest of what both have is the inner axis of a batched matrix product.
import { scope } from "../scope.ts";
import { formatShape, numel } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { fail, refuse, tensorArgument } from "./arguments.ts";
import { mul } from "./binary.ts";
import { diagonal } from "./diagonal.ts";
import { matmul } from "./matmul.ts";
import { sum } from "./sum.ts";
import { permute, reshape, squeeze, view } from "./views.ts";

/** A tensor and what its axes are called: letters, or "…i" for the i-th last axis of an ellipsis. */
interface Labelled {
  readonly x: Tensor;
  readonly labels: readonly string[];
}

interface Equation {
  readonly operands: readonly Labelled[];
  readonly output: readonly string[];
}

function wrong(equation: string, why: string): never {
  return fail("argument", `einsum: "${equation}": ${why}`);
}

/** "i...j" as i, …1, …0, j for an ellipsis of two axes. */
function labelsOf(equation: string, term: string, ellipsis: number): string[] {
  const parts = term.split("...");
  if (parts.length > 2 || parts.some((part) => !/^[A-Za-z]*$/.test(part)))
    wrong(equation, `"${term}" may hold letters and one "..."`);
  const dots = Array.from({ length: ellipsis }, (_, i) => `…${ellipsis - 1 - i}`);
  return [...parts[0], ...(parts.length === 2 ? dots : []), ...(parts[1] ?? "")];
}

function parse(equation: string, tensors: readonly Tensor[]): Equation {
  const [inputs, output, ...more] = equation.replaceAll(" ", "").split("->");
  const terms = inputs.split(",");
  if (more.length > 0) wrong(equation, 'has more than one "->"');
  if (terms.length !== tensors.length)
    wrong(equation, `has terms for ${terms.length} tensors, got ${tensors.length}`);
  let widest = 0;
  const operands = terms.map((term, i): Labelled => {
    const x = tensors[i];
    const letters = labelsOf(equation, term, 0).length;
    const spare = x.rank - letters;
    if (term.includes("...") ? spare < 0 : spare !== 0)
      wrong(equation, `"${term}" does not name the ${x.rank} axes of ${formatShape(x.shape)}`);
    widest = Math.max(widest, spare);
    return { x, labels: labelsOf(equation, term, spare) };
  });
  const seen = operands.flatMap(({ labels }) => labels);
  const wanted = output === undefined ? implicit(seen, widest) : labelsOf(equation, output, widest);
  if (new Set(wanted).size !== wanted.length) wrong(equation, "names an axis of the output twice");
  const missing = wanted.find((label) => !seen.includes(label));
  if (missing !== undefined) wrong(equation, `the output names ${missing}, which no term has`);
  return { operands, output: wanted };
}

/** Without "->": what the ellipses hold, then the letters that stand once, in the order of their codes. */
function implicit(seen: readonly string[], ellipsis: number): string[] {
  const letters = seen.filter((label) => label.length === 1);
  const once = letters.filter((label) => letters.indexOf(label) === letters.lastIndexOf(label));
  return [...labelsOf("", "...", ellipsis), ...once.sort((a, b) => (a < b ? -1 : 1))];
}

/** Repeated labels within one operand: the diagonal of their axes. */
function withoutRepeats(equation: string, { x, labels }: Labelled): Labelled {
  const second = labels.findIndex((label, i) => labels.indexOf(label) !== i);
  if (second < 0) return { x, labels };
  const label = labels[second];
  const first = labels.indexOf(label);
  if (x.shape[first] !== x.shape[second])
    wrong(equation, `${label} stands for the sizes ${x.shape[first]} and ${x.shape[second]} of one tensor`);
  const rest = labels.filter((_, axis) => axis !== first && axis !== second);
  return withoutRepeats(equation, { x: diagonal(x, 0, first, second), labels: [...rest, label] });
}

const sizeOf = ({ x, labels }: Labelled, label: string): number => x.shape[labels.indexOf(label)];

/** The sum over the axes that `keep` does not name. */
function reduced({ x, labels }: Labelled, keep: (label: string) => boolean): Labelled {
  const axes = labels.flatMap((label, axis) => (keep(label) ? [] : [axis]));
  return axes.length === 0 ? { x, labels } : { x: sum(x, axes), labels: labels.filter(keep) };
}

/** Without the axes of size 1 that are broadcast to a larger one of `other`. */
function unbroadcast({ x, labels }: Labelled, other: Labelled): Labelled {
  const dropped = (label: string): boolean => {
    const size = other.labels.includes(label) ? sizeOf(other, label) : 1;
    return size !== 1 && sizeOf({ x, labels }, label) === 1;
  };
  const axes = labels.flatMap((label, axis) => (dropped(label) ? [axis] : []));
  if (axes.length === 0) return { x, labels };
  return { x: squeeze(x, axes), labels: labels.filter((label) => !dropped(label)) };
}

/** The axes in the given order, those it does not have of size 1. */
function arranged({ x, labels }: Labelled, order: readonly string[]): Tensor {
  const there = order.filter((label) => labels.includes(label));
  const turned = permute(
    x,
    there.map((label) => labels.indexOf(label)),
  );
  return view(
    turned,
    order.map((label) => (labels.includes(label) ? sizeOf({ x, labels }, label) : 1)),
  );
}

function contract(one: Labelled, two: Labelled, needed: ReadonlySet<string>): Labelled {
  const [a0, b0] = [unbroadcast(one, two), unbroadcast(two, one)];
  const a = reduced(a0, (label) => needed.has(label) || b0.labels.includes(label));
  const b = reduced(b0, (label) => needed.has(label) || a0.labels.includes(label));
  const shared = a.labels.filter((label) => b.labels.includes(label));
  const batch = shared.filter((label) => needed.has(label));
  const inner = shared.filter((label) => !needed.has(label));
  const rows = a.labels.filter((label) => !shared.includes(label));
  const columns = b.labels.filter((label) => !shared.includes(label));
  const labels = [...batch, ...rows, ...columns];
  if (inner.length === 0) return { x: mul(arranged(a, labels), arranged(b, labels)), labels };
  const [D, M, K, N] = [
    [a, batch],
    [a, rows],
    [a, inner],
    [b, columns],
  ].map(([from, names]) => (names as string[]).map((label) => sizeOf(from as Labelled, label)));
  const left = reshape(arranged(a, [...batch, ...rows, ...inner]), [...D, numel(M), numel(K)]);
  const right = reshape(arranged(b, [...batch, ...inner, ...columns]), [...D, numel(K), numel(N)]);
  return { x: reshape(matmul(left, right), [...D, ...M, ...N]), labels };
}

function checkSizes(equation: string, operands: readonly Labelled[]): void {
  const sizes = new Map<string, number>();
  for (const { x, labels } of operands) {
    for (const [axis, label] of labels.entries()) {
      const known = sizes.get(label) ?? 1;
      const size = x.shape[axis];
      if (known !== 1 && size !== 1 && known !== size)
        wrong(equation, `${label} stands for the sizes ${known} and ${size}`);
      if (size !== 1) sizes.set(label, size);
    }
  }
}

/**
 * Sums of products as an equation says, such as "bij,bjk->bik" for a batch of matrix products: letters name axes, equal
 * ones go together, those missing behind "->" are summed over, "..." are any axes and broadcast. Spaces do not count.
 * torch.einsum
 */
export function einsum(equation: string, ...operands: readonly (Tensor | readonly Tensor[])[]): Tensor {
  if (typeof equation !== "string") refuse("einsum", "equation", "a string", equation);
  const tensors = operands.flat() as Tensor[];
  for (const [i, x] of tensors.entries()) tensorArgument("einsum", `operand ${i}`, x);
  const parsed = parse(equation, tensors);
  return scope(() => {
    const waiting = parsed.operands.map((operand) => withoutRepeats(equation, operand));
    checkSizes(equation, waiting);
    let [result] = waiting;
    for (let i = 1; i < waiting.length; i++) {
      const later = waiting.slice(i + 1).flatMap(({ labels }) => labels);
      result = contract(result, waiting[i], new Set([...parsed.output, ...later]));
    }
    return arranged(
      reduced(result, (label) => parsed.output.includes(label)),
      parsed.output,
    );
  });
}
