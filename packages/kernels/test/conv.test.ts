// Windows over images: every kernel of conv.ts, depthwise.ts and patches.ts against plain loops in float64, cut
// everywhere, with inputs at the end of memory and nothing written around the outputs.
import { expect, test } from "vitest";
import type { F32Ptr, Kernels, WindowPtr } from "../src/generated/bindings.ts";
import { type Arena, forEachBuild } from "./harness.ts";

interface Window {
  readonly groups: number;
  readonly C: number;
  readonly image: readonly number[];
  readonly O: number;
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly before: readonly number[];
  readonly dilation: readonly number[];
  readonly grid: readonly number[];
}

const N = 2;
const product = (sizes: readonly number[]): number => sizes.reduce((n, size) => n * size, 1);

/** Axes are depth, height, width; `after` is the padding behind. */
function windowOf(
  sides: Pick<Window, "groups" | "C" | "O" | "image" | "kernel">,
  steps: Partial<Record<"stride" | "before" | "after" | "dilation", readonly number[]>> = {},
): Window {
  const { stride = [1, 1, 1], before = [0, 0, 0], after = before, dilation = [1, 1, 1] } = steps;
  const grid = sides.image.map((size, axis) => {
    const padded = size + before[axis] + after[axis] - dilation[axis] * (sides.kernel[axis] - 1) - 1;
    return Math.floor(padded / stride[axis]) + 1;
  });
  return { ...sides, stride, before, dilation, grid };
}

const flat = { groups: 1, C: 2, O: 3, image: [1, 5, 11], kernel: [1, 3, 2] };
const windows: readonly (readonly [string, Window])[] = [
  ["plain", windowOf(flat)],
  ["padded", windowOf(flat, { before: [0, 2, 1] })],
  ["padded unevenly", windowOf(flat, { before: [0, 0, 2], after: [0, 3, 0] })],
  ["strided", windowOf(flat, { before: [0, 1, 1], stride: [1, 2, 3] })],
  ["dilated", windowOf(flat, { before: [0, 2, 2], dilation: [1, 2, 3] })],
  ["dilated beyond the image", windowOf(flat, { before: [0, 6, 8], dilation: [1, 5, 13] })],
  ["strided beyond the window", windowOf({ ...flat, image: [1, 9, 23] }, { stride: [1, 4, 5] })],
  ["strided and dilated", windowOf(flat, { before: [0, 3, 3], stride: [1, 2, 3], dilation: [1, 3, 2] })],
  ["by two, dilated by three", windowOf(flat, { stride: [1, 1, 2], dilation: [1, 1, 3] })],
  ["short lines", windowOf({ ...flat, image: [1, 9, 3] })],
  ["lines of one", windowOf({ ...flat, image: [2, 9, 2] })],
  ["one element", windowOf({ ...flat, kernel: [1, 1, 1] })],
  ["one element, some skipped", windowOf({ ...flat, kernel: [1, 1, 1] }, { stride: [1, 1, 2] })],
  ["one element, padded", windowOf({ ...flat, kernel: [1, 1, 1] }, { before: [0, 1, 0] })],
  ["blocks of one element", windowOf({ ...flat, C: 256, image: [1, 17, 31], kernel: [1, 1, 1] })],
  [
    "volumes",
    windowOf({ ...flat, image: [3, 4, 5], kernel: [2, 2, 3] }, { before: [1, 0, 1], stride: [2, 1, 1] }),
  ],
  [
    "blocks across planes",
    windowOf({ ...flat, C: 40, image: [6, 12, 14], kernel: [2, 2, 2] }, { before: [0, 1, 0] }),
  ],
  ["groups", windowOf({ ...flat, groups: 3 }, { before: [0, 1, 0] })],
  ["blocks of positions", windowOf({ ...flat, image: [1, 2, 1000], kernel: [1, 1, 3] })],
  [
    "blocks of long lines",
    windowOf({ ...flat, image: [1, 3, 1700] }, { before: [0, 0, 1], stride: [1, 1, 2] }),
  ],
  ["blocks across lines", windowOf({ ...flat, C: 520, image: [1, 4, 64], kernel: [1, 2, 2] })],
  ["blocks of channels", windowOf({ ...flat, C: 70, image: [1, 3, 3], kernel: [1, 2, 2] })],
  ["blocks of rows", windowOf({ ...flat, O: 140, image: [1, 3, 4] })],
  ["depthwise", windowOf({ ...flat, groups: 3, C: 1, O: 1, image: [1, 4, 37] }, { before: [0, 1, 1] })],
  [
    "depthwise by two",
    windowOf({ ...flat, groups: 2, C: 1, O: 2 }, { before: [0, 1, 1], stride: [1, 2, 2] }),
  ],
  [
    "depthwise, wide, by two",
    windowOf({ ...flat, groups: 2, C: 1, O: 2, image: [1, 4, 79] }, { before: [0, 1, 1], stride: [1, 2, 2] }),
  ],
  [
    "depthwise, wide, by three, dilated",
    windowOf(
      { ...flat, groups: 1, C: 1, O: 3, image: [1, 6, 70] },
      { stride: [1, 1, 3], dilation: [1, 2, 4] },
    ),
  ],
  [
    "depthwise by three",
    windowOf({ ...flat, groups: 2, C: 1, O: 3 }, { before: [0, 3, 4], stride: [1, 1, 3] }),
  ],
];

/** Depthwise windows over images as small as the vectors and lines that the loops take at once, and one more. */
const sides = [1, 3, 4, 5, 8, 9, 15, 16, 17, 33, 47];
const small = sides.flatMap((width, i) =>
  [1, 2].map((step): readonly [string, Window] => {
    const height = [1, 2, 5, 6, 9][(i + step) % 5];
    const [beside, image] = [1 + (i % 3), [1, step * height, step * width]];
    const shape = { groups: 2, C: 1, O: step, image, kernel: [1, 3, 2 + beside] };
    const window = windowOf(shape, { before: [0, 1, beside], stride: [1, step, step] });
    return [`depthwise, ${height} x ${width} by ${step}`, window];
  }),
);

/** Calls `visit` wherever a tap meets the image of one channel, with flat numbers. */
function meetings(w: Window, visit: (element: number, position: number, tap: number) => void): void {
  for (let position = 0; position < product(w.grid); position++) {
    for (let tap = 0; tap < product(w.kernel); tap++) {
      let [p, t, element, step, inside] = [position, tap, 0, 1, true];
      for (let axis = 2; axis >= 0; axis--) {
        const at =
          (p % w.grid[axis]) * w.stride[axis] + (t % w.kernel[axis]) * w.dilation[axis] - w.before[axis];
        inside &&= at >= 0 && at < w.image[axis];
        element += at * step;
        step *= w.image[axis];
        p = Math.floor(p / w.grid[axis]);
        t = Math.floor(t / w.kernel[axis]);
      }
      if (inside) visit(element, position, tap);
    }
  }
}

/** Every product of an element of x, one of the weight and one of y that belong together, by flat numbers. */
function triples(w: Window, visit: (x: number, weight: number, y: number) => void): void {
  const [I, P, T] = [product(w.image), product(w.grid), product(w.kernel)];
  meetings(w, (element, position, tap) => {
    for (let item = 0; item < N * w.groups; item++) {
      for (let o = 0; o < w.O; o++) {
        for (let c = 0; c < w.C; c++) {
          const row = (item % w.groups) * w.O + o;
          visit((item * w.C + c) * I + element, (row * w.C + c) * T + tap, (item * w.O + o) * P + position);
        }
      }
    }
  });
}

function describe(arena: Arena, w: Window): WindowPtr {
  const steps = [w.kernel, w.stride, w.before, w.dilation].flat();
  return arena.i32([w.groups, w.C, ...w.image, w.O, ...w.grid, ...steps]) as number as WindowPtr;
}

const noise = (n: number, seed: number): Float32Array =>
  Float32Array.from({ length: n }, (_, i) => Math.sin(12.9898 * (i + 1) + 78.233 * seed));

/** Sums of `terms` products below 1. */
function expectNear(got: ArrayLike<number>, wanted: Float64Array, terms = 1): void {
  expect(got.length).toBe(wanted.length);
  for (let i = 0; i < wanted.length; i++) {
    const near = Math.abs(got[i] - wanted[i]) < 2e-5 + 1e-7 * terms;
    if (!near && !(Number.isNaN(got[i]) && Number.isNaN(wanted[i])))
      expect.fail(`element ${i} is ${got[i]}, not ${wanted[i]}`);
  }
}

/** Values of all three sides and where kernels find them; `last` lies at the end of memory. */
function sidesOf(w: Window, arena: Arena, last: "x" | "y" | "none") {
  const x = noise(N * w.groups * w.C * product(w.image), 1);
  const weight = noise(w.groups * w.O * w.C * product(w.kernel), 2);
  const y = noise(N * w.groups * w.O * product(w.grid), 3);
  const bias = noise(w.groups * Math.max(w.O, w.C), 4);
  const pointers = { x: 0, y: 0, weight: arena.f32(weight), bias: arena.f32(bias) };
  const place = (data: Float32Array): F32Ptr => arena.f32(data);
  if (last !== "x") pointers.x = place(x);
  if (last !== "y") pointers.y = place(y);
  return { x, weight, y, bias, pointers, window: describe(arena, w) };
}

function forward(w: Window, x: Float32Array, weight: Float32Array, bias: Float32Array | null): Float64Array {
  const P = product(w.grid);
  const start = (_: number, i: number): number => bias?.[Math.floor(i / P) % (w.groups * w.O)] ?? 0;
  const y = new Float64Array(N * w.groups * w.O * P).map(start);
  triples(w, (i, k, j) => {
    y[j] += x[i] * weight[k];
  });
  return y;
}

function backward(w: Window, y: Float32Array, weight: Float32Array, bias: Float32Array | null): Float64Array {
  const I = product(w.image);
  const start = (_: number, i: number): number => bias?.[Math.floor(i / I) % (w.groups * w.C)] ?? 0;
  const x = new Float64Array(N * w.groups * w.C * I).map(start);
  triples(w, (i, k, j) => {
    x[i] += y[j] * weight[k];
  });
  return x;
}

function weights(w: Window, x: Float32Array, y: Float32Array): Float64Array {
  const weight = new Float64Array(w.groups * w.O * w.C * product(w.kernel));
  triples(w, (i, k, j) => {
    weight[k] += x[i] * y[j];
  });
  return weight;
}

/** Bytes of the frame around a plane that depthwise_input_f32 asks for. */
function spreadBytes(w: Window): number {
  const side = (axis: number): number => w.image[axis] + (w.kernel[axis] - 1) * w.dilation[axis];
  return 4 * (product(w.kernel) + side(1) * side(2) + 16);
}

/** The gradient of the weight, of x as it is or with a NaN at `spoilt`. */
function expectWeights(k: Kernels, arena: Arena, w: Window, depthwise: boolean, spoilt?: number): void {
  const { x, weight, y, pointers, window } = sidesOf(w, arena, "x");
  if (spoilt !== undefined) x[spoilt] = Number.NaN;
  const out = arena.f32(weight.length);
  const work = arena.work(depthwise ? k.depthwise_weight_work_f32(window) : k.conv_weight_work_f32(window));
  const source = arena.atEndOfMemory(x);
  const units = depthwise ? w.groups * w.O : k.conv_weight_units_f32(window);
  const kernel = depthwise ? k.depthwise_weight_f32 : k.conv_weight_f32;
  const dy = pointers.y as F32Ptr;
  arena.everySplit(units, (from, to) => kernel(out, source, dy, window, N, work, from, to), out);
  const wanted = weights(w, x, y);
  expectNear(
    arena.read(out).map((value) => value / 16),
    wanted.map((value) => value / 16),
  );
  arena.checkSentinels();
  arena.reset();
}

forEachBuild((_name, k: Kernels, arena) => {
  for (const [name, w] of [...windows, ...small]) {
    const depthwise = name.startsWith("depthwise");

    test(`y: ${name}`, () => {
      for (const biased of [true, false]) {
        const { x, weight, y, bias, pointers, window } = sidesOf(w, arena, "x");
        const out = arena.f32(y.length);
        const work = arena.work(depthwise ? k.depthwise_work_f32(window) : k.conv_work_f32(window));
        const source = arena.atEndOfMemory(x);
        const units = depthwise ? N * w.groups * w.O : k.conv_units_f32(window, N);
        const kernel = depthwise ? k.depthwise_f32 : k.conv_f32;
        const b = (biased ? pointers.bias : 0) as F32Ptr;
        arena.everySplit(
          units,
          (from, to) => kernel(out, source, pointers.weight, b, window, work, from, to),
          out,
        );
        expectNear(arena.read(out), forward(w, x, weight, biased ? bias : null), w.C * product(w.kernel));
        arena.checkSentinels();
        arena.reset();
      }
    });

    test(`x: ${name}`, () => {
      for (const biased of [true, false]) {
        const { x, weight, y, bias, pointers, window } = sidesOf(w, arena, "y");
        const out = arena.f32(x.length);
        const work = arena.work(depthwise ? spreadBytes(w) : k.conv_input_work_f32(window));
        const source = arena.atEndOfMemory(y);
        const units = depthwise ? N * w.groups : k.conv_input_units_f32(window, N);
        const kernel = depthwise ? k.depthwise_input_f32 : k.conv_input_f32;
        const b = (biased ? pointers.bias : 0) as F32Ptr;
        arena.everySplit(
          units,
          (from, to) => kernel(out, source, pointers.weight, b, window, work, from, to),
          out,
        );
        expectNear(arena.read(out), backward(w, y, weight, biased ? bias : null));
        arena.checkSentinels();
        arena.reset();
      }
    });

    test(`weight: ${name}`, () => {
      expectWeights(k, arena, w, depthwise);
      for (const spoilt of depthwise ? [0, w.image[2] - 1, w.image[2]] : [])
        expectWeights(k, arena, w, depthwise, spoilt);
    });

    if (w.groups > 1) continue;
    test(`patches: ${name}`, () => {
      const { x, window } = sidesOf(w, arena, "none");
      const [T, P, I] = [product(w.kernel), product(w.grid), product(w.image)];
      const source = arena.f32(x);
      const columns = arena.f32(N * w.C * T * P);
      const bytes = [columns, source] as number[] as [never, never];
      arena.everySplit(N * w.C * T, (from, to) => k.unfold_b4(...bytes, window, from, to), columns);
      const wanted = new Float64Array(N * w.C * T * P);
      const sums = new Float64Array(x.length);
      meetings(w, (element, position, tap) => {
        for (let c = 0; c < N * w.C; c++) wanted[(c * T + tap) * P + position] = x[c * I + element];
      });
      meetings(w, (element, position, tap) => {
        for (let c = 0; c < N * w.C; c++) sums[c * I + element] += wanted[(c * T + tap) * P + position];
      });
      expect([...arena.read(columns)]).toEqual([...wanted]);
      const back = arena.f32(x.length);
      arena.everySplit(N * w.C, (from, to) => k.fold_f32(back, columns, window, from, to), back);
      expectNear(arena.read(back), sums);
    });
  }

  test("scratch does not grow with the length of a line, nor with the size of a volume", () => {
    const bytes = (image: readonly number[], kernel: readonly number[]): number => {
      const window = describe(arena, windowOf({ ...flat, C: 64, image, kernel }));
      return k.conv_work_f32(window) >>> 0;
    };
    // Blocks of even size differ by some positions.
    expect(bytes([1, 1, 1_000_000], [1, 1, 3])).toBeLessThan(1.1 * bytes([1, 1, 10_000], [1, 1, 3]));
    expect(bytes([100, 1000, 100], [3, 3, 3])).toBeLessThan(1.1 * bytes([100, 100, 100], [3, 3, 3]));
  });

  test("weight: depthwise volumes", () => {
    const shape = { groups: 2, C: 1, O: 2, image: [4, 5, 6], kernel: [2, 3, 3] };
    const w = windowOf(shape, { before: [1, 1, 1], stride: [2, 1, 2] });
    expectWeights(k, arena, w, true);
  });
});
