// What the elementwise tests share: iteration spaces with dense, strided, broadcast and reversed operands,
// where each of their elements lies, and a run of one kernel over all of that against a per-element
// reference, bit for bit.
import { expect } from "vitest";
import type { LayoutPtr } from "../src/generated/bindings.ts";
import type { Arena } from "./harness.ts";
import { range } from "./rows.reference.ts";

export const SIZES = [1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 31, 32, 33, 65, 130];

/** How an operand lies under the sizes of a space. */
export type Form = keyof typeof FORMS;
const dense = (sizes: readonly number[]): number[] =>
  sizes.map((_, axis) => sizes.slice(axis + 1).reduce((a, b) => a * b, 1));
const FORMS = {
  dense,
  scalar: (sizes: readonly number[]) => sizes.map(() => 0),
  row: (sizes: readonly number[]) => sizes.map((_, axis) => (axis === sizes.length - 1 ? 1 : 0)),
  column: (sizes: readonly number[]) => [...dense(sizes.slice(0, -1)), 0],
  gaps: (sizes: readonly number[]) => dense([...sizes.slice(0, -1), sizes[sizes.length - 1] + 3]),
  third: (sizes: readonly number[]) => dense(sizes).map((stride) => 3 * stride),
  reversed: (sizes: readonly number[]) => dense(sizes).map((s, axis) => (axis === sizes.length - 1 ? -s : s)),
  upsideDown: (sizes: readonly number[]) => dense(sizes).map((s, axis) => (axis === 0 ? -s : s)),
  transposed: (sizes: readonly number[]) => dense([...sizes].reverse()).reverse(),
} as const;

/** Sizes of all axes and the form of each operand, output first. */
export interface Space {
  readonly sizes: readonly number[];
  readonly forms: readonly Form[];
}

/**
 * Spaces for an output and `inputs` inputs: every size dense, then every form in every place; of these
 * every `step`th.
 */
export function spaces(inputs: number, step = 1): Space[] {
  const all = (form: Form): Form[] => range(inputs + 1).map(() => form);
  const oneOdd = (sizes: readonly number[], form: Form, place: number): Space => ({
    sizes,
    forms: all("dense").map((d, operand) => (operand === place ? form : d)),
  });
  const inputForms = [
    "scalar",
    "row",
    "column",
    "gaps",
    "third",
    "reversed",
    "upsideDown",
    "transposed",
  ] as const;
  const outputForms = ["gaps", "third", "reversed", "transposed"] as const;
  const places = range(inputs).map((i) => i + 1);
  const every = [
    ...SIZES.map((n) => ({ sizes: [n], forms: all("dense") })),
    ...[
      [5, 17],
      [2, 3, 7],
      [2, 3, 2, 9],
      [19, 33],
    ].flatMap((sizes) => [
      ...inputForms.flatMap((form) => places.map((place) => oneOdd(sizes, form, place))),
      ...outputForms.map((form) => oneOdd(sizes, form, 0)),
      { sizes, forms: all("third") },
      { sizes, forms: all("transposed") },
    ]),
    ...inputForms.flatMap((form) => places.map((place) => oneOdd([33], form, place))),
  ];
  return every.filter((_, i) => i % step === 0);
}

/**
 * One operand of a space: its strides, where element 0 lies, how many elements that spans, where each
 * element is.
 */
export class Operand {
  readonly strides: readonly number[];
  readonly origin: number;
  readonly extent: number;
  readonly offsets: readonly number[];

  constructor(space: Space, operand: number) {
    const { sizes, forms } = space;
    this.strides = FORMS[forms[operand]](sizes);
    const reach = this.strides.map((stride, axis) => stride * (sizes[axis] - 1));
    this.origin = reach.reduce((sum, r) => sum + Math.max(-r, 0), 0);
    this.extent = 1 + reach.reduce((sum, r) => sum + Math.abs(r), 0);
    this.offsets = sizes.reduce(
      (all, size, axis) => all.flatMap((o) => range(size).map((i) => o + i * this.strides[axis])),
      [this.origin],
    );
  }
}

export const operandsOf = (space: Space): Operand[] =>
  space.forms.map((_, operand) => new Operand(space, operand));

export function layoutOf(arena: Arena, space: Space, operands: readonly Operand[]): LayoutPtr {
  const { sizes } = space;
  return arena.layout(
    sizes.slice(0, -1),
    sizes[sizes.length - 1],
    ...operands.map((operand) => operand.strides),
  );
}

type Data = Float32Array | Int32Array | Uint8Array;
type Pointer = number;

function place(arena: Arena, data: Data, misaligned: boolean): Pointer {
  if (data instanceof Float32Array) return arena.f32(data, { misaligned });
  if (data instanceof Int32Array) return arena.i32(data, { misaligned });
  return arena.u8(data, { misaligned });
}

export interface Check {
  /** Values for `n` elements of an input. */
  readonly inputs: readonly ((n: number) => Data)[];
  /** What stands in the output before. */
  readonly output: (n: number) => Data;
  readonly run: (
    out: number,
    inputs: readonly number[],
    layout: LayoutPtr,
    begin: number,
    end: number,
  ) => void;
  /** The value of one element; `old` is what stood there. */
  readonly reference: (old: number, ...values: number[]) => number;
}

/**
 * Runs a kernel over spaces, whole and cut everywhere, and compares every element's bits; gaps must stay as
 * they were.
 */
export function checkSpaces(arena: Arena, spaces: readonly Space[], check: Check): void {
  for (const space of spaces) {
    try {
      checkSpace(arena, space, check);
      arena.checkSentinels();
    } catch (error) {
      throw new Error(`space (${space.sizes}), operands ${space.forms.join(", ")}`, { cause: error });
    }
    arena.reset();
  }
}

function checkSpace(arena: Arena, space: Space, { inputs, output, run, reference }: Check): void {
  const [out, ...rest] = operandsOf(space);
  const misaligned = space.sizes.length === 2;
  const data = rest.map((operand, i) => inputs[i](operand.extent));
  const pointers = data.map((values) => place(arena, values, misaligned));
  const old = output(out.extent);
  const y = place(arena, old, misaligned);
  const layout = layoutOf(arena, space, [out, ...rest]);
  const at = (base: number, operand: Operand, values: Data) =>
    base + operand.origin * values.BYTES_PER_ELEMENT;
  const starts = pointers.map((pointer, i) => at(pointer, rest[i], data[i]));
  const total = space.sizes.reduce((a, b) => a * b, 1);
  arena.everySplit(total, (begin, end) => run(at(y, out, old), starts, layout, begin, end), y as never);
  const expected = old.slice();
  for (let i = 0; i < total; i++) {
    const values = rest.map((operand, p) => data[p][operand.offsets[i]]);
    expected[out.offsets[i]] = reference(old[out.offsets[i]], ...values);
  }
  expect(arena.view(y)).toEqual(expected);
}
