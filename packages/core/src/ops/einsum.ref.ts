// Reference of einsum.ts: one loop over every value of every label.
import {
  absolute,
  bools,
  build,
  defineRef,
  integers,
  type Maker,
  normal,
  type OpRef,
  type RefTensor,
  type Sample,
} from "../reference.ts";

interface Attrs {
  readonly equation: string;
}

/** The sum, for each place of `output`, of the products of all elements whose labels agree with it. */
export function contraction(
  terms: readonly (readonly string[])[],
  output: readonly string[],
  inputs: readonly RefTensor[],
): RefTensor {
  const size = new Map<string, number>();
  for (const [i, labels] of terms.entries()) {
    for (const [axis, label] of labels.entries()) {
      const known = size.get(label) ?? 1;
      size.set(label, known === 1 ? inputs[i].shape[axis] : known);
    }
  }
  const summed = [...size.keys()].filter((label) => !output.includes(label));
  const at = (x: RefTensor, labels: readonly string[], value: ReadonlyMap<string, number>): number =>
    labels.reduce((flat, label, axis) => {
      const i = x.shape[axis] === 1 ? 0 : (value.get(label) as number);
      return flat * x.shape[axis] + i;
    }, 0);
  const dtype = inputs.some((x) => x.dtype === "f32")
    ? "f32"
    : inputs.every((x) => x.dtype === "bool") && inputs.length === 1 && summed.length === 0
      ? "bool"
      : "i32";
  return build(
    output.map((label) => size.get(label) as number),
    (index) => {
      const value = new Map(output.map((label, axis) => [label, index[axis]]));
      let total = 0;
      build(
        summed.map((label) => size.get(label) as number),
        (rest) => {
          for (const [axis, label] of summed.entries()) value.set(label, rest[axis]);
          total += inputs.reduce((product, x, i) => product * x.data[at(x, terms[i], value)], 1);
          return 0;
        },
      );
      return total;
    },
    dtype,
  );
}

/** Labels of each term and of the output; an ellipsis becomes the digits of its axes, the last one 0. */
function parsed(equation: string, inputs: readonly RefTensor[]): [string[][], string[]] {
  const [left, right] = equation.replace(/ /g, "").split("->");
  let widest = 0;
  const digits = (count: number): string => "9876543210".slice(10 - count);
  const terms = left.split(",").map((term, i) => {
    const count = inputs[i].shape.length - term.replace("...", "").length;
    widest = Math.max(widest, count);
    return [...term.replace("...", digits(count))];
  });
  const all = terms.flat().filter((label) => /[A-Za-z]/.test(label));
  const once = all.filter((label) => all.filter((other) => other === label).length === 1).sort();
  const output =
    right === undefined ? [...digits(widest), ...once] : [...right.replace("...", digits(widest))];
  return [terms, output];
}

const sample = (equation: string, ...shapes: readonly (readonly number[])[]): Sample<Attrs> => ({
  inputs: shapes.map((shape) => normal(shape)),
  attrs: { equation },
});

const made = (equation: string, ...inputs: readonly Maker[]): Sample<Attrs> => ({
  inputs,
  attrs: { equation },
});

export const refs: readonly OpRef[] = [
  defineRef<Attrs>({
    op: "einsum",
    inputs: ["a", "b", "c", "d"],
    torch:
      "torch.einsum(equation, *(x if torch.int32 == x.dtype or len(inputs) == 1 else x.to(floating) for x in inputs))",
    differentiable: true,
    followsMemory: "gradients too",
    tolerance: {
      units: 16,
      of: (inputs, { equation }) => contraction(...parsed(equation, inputs), inputs.map(absolute)),
    },
    forward: (inputs, { equation }) => contraction(...parsed(equation, inputs), inputs),
    call: (inputs, { equation }, { einsum }) => einsum(equation, ...inputs),
    samples: [
      // one operand
      sample("ij->ji", [3, 5]),
      sample("ij", [3, 5]),
      sample("ji", [3, 5]),
      sample("bA", [3, 5]),
      sample("ij->", [3, 5]),
      sample("ij->j", [3, 5]),
      sample("ij->i", [3, 5]),
      sample("ii", [4, 4]),
      sample("ii->i", [4, 4]),
      sample("iji->j", [4, 3, 4]),
      sample("iii->i", [3, 3, 3]),
      sample("ijij->ji", [2, 3, 2, 3]),
      sample("i...->...i", [2, 3, 4]),
      sample("...ii->...i", [2, 3, 3]),
      sample("...ij", [2, 3, 4]),
      sample("...->", [2, 3]),
      sample("...i->i", [2, 3, 4]),
      sample("->", []),
      sample("", []),
      sample("...", [2, 3]),
      // two
      sample("i,i", [17], [17]),
      sample("i,i->i", [17], [17]),
      sample("i,j->ij", [5], [17]),
      sample("i,j->ji", [5], [17]),
      sample("i,j->", [5], [7]),
      sample("ij,jk->ik", [3, 5], [5, 7]),
      sample("ij,jk", [3, 5], [5, 7]),
      sample("ij,kj->ik", [3, 5], [7, 5]),
      sample("ij,kj->ki", [3, 5], [7, 5]),
      sample("ji,jk->ik", [5, 3], [5, 7]),
      sample("aB,Bc", [3, 5], [5, 2]),
      sample("bij,bjk->bik", [2, 3, 5], [2, 5, 7]),
      sample("bij,bjk->ik", [2, 3, 5], [2, 5, 7]),
      sample("bij,bij->b", [2, 3, 5], [2, 3, 5]),
      sample("bij,bij->bij", [2, 3, 5], [2, 3, 5]),
      sample("ij,ij->ji", [3, 5], [3, 5]),
      sample("bhqd,bhkd->bhqk", [2, 3, 4, 5], [2, 3, 6, 5]),
      sample("bqhd,bkhd->bhqk", [2, 4, 3, 5], [2, 6, 3, 5]),
      sample("bhqk,bkhd->bqhd", [2, 3, 4, 6], [2, 6, 3, 5]),
      sample("ijk,kl->ijl", [2, 3, 4], [4, 5]),
      sample("ijkl,lk->ij", [2, 3, 4, 5], [5, 4]),
      sample("ii,ij->j", [3, 3], [3, 4]),
      sample("ij,k->ik", [3, 5], [4]),
      sample("ij,->ij", [3, 5], []),
      sample(",", [], []),
      sample("...ij,...jk->...ik", [2, 1, 3, 4], [3, 4, 5]),
      sample("...ij,jk", [2, 3, 4], [4, 5]),
      sample("i...,i...->...", [3, 2, 4], [3, 1, 4]),
      sample("...,...", [2, 3], [3]),
      sample("...i,...i->i", [2, 3], [4, 2, 3]),
      sample(" i j , j k -> k i ", [3, 5], [5, 7]),
      // sizes of 1 broadcast
      sample("ij,jk->ik", [3, 5], [1, 7]),
      sample("ij,jk->ijk", [3, 1], [5, 7]),
      sample("ij,ij->i", [1, 5], [3, 1]),
      // many
      sample("ij,jk,kl->il", [3, 4], [4, 5], [5, 6]),
      sample("i,ij,j->", [3], [3, 5], [5]),
      sample("bn,anm,bm->ba", [2, 3], [4, 3, 5], [2, 5]),
      sample("ab,bc,cd,da->", [2, 3], [3, 4], [4, 5], [5, 2]),
      sample("i,j,k->kji", [2], [3], [4]),
      sample("...a,ab,...b->...", [2, 3, 4], [4, 5], [3, 5]),
      sample("ij,ij,ij->j", [3, 5], [3, 5], [3, 5]),
      sample("i,i,i->i", [1], [1], [4]),
      // nothing
      sample("ij,jk->ik", [3, 0], [0, 4]),
      sample("ij,jk->ik", [0, 3], [3, 4]),
      sample("ij->j", [0, 3]),
      sample("i,j->ij", [0], [3]),
      made("ij,jk->ik", normal([17, 33], 100), normal([33, 5])),
      made("ij,jk->ik", integers([3, 5], -9, 9), integers([5, 4], -9, 9)),
      made("ij,ij->j", integers([3, 5], -9, 9), integers([3, 5], -9, 9)),
      made("ij->j", integers([3, 5], -9, 9)),
      made("ij->ji", bools([3, 5])),
      { ...made("ij,jk->ik", integers([3, 5], -9, 9), normal([5, 4])), torch: false },
    ],
    large: sample("bqhd,bkhd->bhqk", [2, 128, 8, 64], [2, 128, 8, 64]),
  }),
];
