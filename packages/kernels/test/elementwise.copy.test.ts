import { expect, test } from "vitest";
import { checkSpaces, type Space, spaces } from "./elementwise.reference.ts";
import { forEachBuild } from "./harness.ts";
import { indices, normal } from "./rows.reference.ts";

const floats = (seed: number) => (n: number) => normal(n, 2, seed);
const integers = (seed: number) => (n: number) =>
  Int32Array.from(indices(n, 1 << 30, seed), (v, i) => (i % 3 ? v : -v));
const bytes = (seed: number) => (n: number) => Uint8Array.from(indices(n, 256, seed));
const bools = (seed: number) => (n: number) => Uint8Array.from(indices(n, 2, seed));

/** Matrices around the transposing loop's 4 x 4 blocks and 16-row bands, alone and in batches. */
const TRANSPOSED: Space[] = [
  [3, 5],
  [4, 4],
  [8, 16],
  [15, 17],
  [16, 3],
  [17, 33],
  [37, 40],
  [2, 18, 7],
  [3, 2, 16, 5],
].map((sizes) => ({ sizes, forms: ["dense", "transposed"] }));
/** The same with rows instead of all axes turned: the batch stays where it is. */
const columnsOf = (sizes: readonly number[]): { lead: number[]; out: number[]; x: number[] } => {
  const [B, R, C] = sizes;
  return { lead: [B, R], out: [R * C, C, 1], x: [R * C, 1, R] };
};

forEachBuild((_, k, arena) => {
  test("copy_b4", () => {
    checkSpaces(arena, [...spaces(1), ...TRANSPOSED], {
      inputs: [floats(1)],
      output: floats(2),
      run: (out, [x], layout, begin, end) => k.copy_b4(out as never, x as never, layout, begin, end),
      reference: (_old, x) => x,
    });
  });

  test("copy_b4 keeps every bit of NaN", () => {
    const x = Int32Array.from({ length: 40 }, (_, i) => 0x7f800001 + i * 0x1234 - (i % 2) * 2 ** 31);
    const out = arena.i32(40);
    k.copy_b4(out as never, arena.i32(x) as never, arena.layout([5], 8, [8, 1], [1, 5]), 0, 40);
    const expected = Int32Array.from(x, (_, i) => x[Math.floor(i / 8) + (i % 8) * 5]);
    expect(arena.read(out)).toEqual(expected);
  });

  test("copy_b4 transposes batches, from the end of memory", () => {
    for (const sizes of [
      [2, 5, 9],
      [3, 16, 16],
      [2, 33, 21],
    ]) {
      const { lead, out: so, x: sx } = columnsOf(sizes);
      const [, R, C] = sizes;
      const x = normal(sizes[0] * R * C);
      const layout = arena.layout(lead, C, so, sx);
      const out = arena.f32(x.length);
      const input = arena.atEndOfMemory(x);
      arena.everySplit(
        x.length,
        (begin, end) => k.copy_b4(out as never, input as never, layout, begin, end),
        out,
      );
      const at = (i: number) => Math.floor(i / (R * C)) * R * C + (Math.floor(i / C) % R) + (i % C) * R;
      expect(arena.read(out)).toEqual(x.map((_, i) => x[at(i)]));
      arena.checkSentinels();
      arena.reset();
    }
  });

  test("copy_b1", () => {
    checkSpaces(arena, spaces(1), {
      inputs: [bytes(1)],
      output: bytes(2),
      run: (out, [x], layout, begin, end) => k.copy_b1(out as never, x as never, layout, begin, end),
      reference: (_old, x) => x,
    });
  });

  test("fill_b4, fill_b1", () => {
    const noInputs = spaces(0);
    checkSpaces(arena, noInputs, {
      inputs: [],
      output: integers(2),
      run: (out, _inputs, layout, begin, end) => k.fill_b4(out as never, layout, -123456789, begin, end),
      reference: () => -123456789,
    });
    checkSpaces(arena, noInputs, {
      inputs: [],
      output: bytes(2),
      run: (out, _inputs, layout, begin, end) => k.fill_b1(out as never, layout, 0x3f1, begin, end),
      reference: () => 0xf1,
    });
  });

  test("cast_i32_f32, cast_f32_i32", () => {
    checkSpaces(arena, spaces(1), {
      inputs: [integers(1)],
      output: floats(2),
      run: (out, [x], layout, begin, end) => k.cast_i32_f32(out as never, x as never, layout, begin, end),
      reference: (_old, x) => Math.fround(x),
    });
    checkSpaces(arena, spaces(1, 4), {
      inputs: [floats(1)],
      output: integers(2),
      run: (out, [x], layout, begin, end) => k.cast_f32_i32(out as never, x as never, layout, begin, end),
      reference: (_old, x) => Math.trunc(x),
    });
    const x = arena.f32([3e9, -3e9, Number.NaN, Infinity, -Infinity, -1.99, 2147483520, -0]);
    const out = arena.i32(8);
    k.cast_f32_i32(out, x, arena.layout([], 8, [1], [1]), 0, 8);
    const [most, least] = [2 ** 31 - 1, -(2 ** 31)];
    expect([...arena.read(out)]).toEqual([most, least, 0, most, least, -1, 2147483520, 0]);
  });

  test("cast_u8_f32, cast_u8_i32", () => {
    for (const [kernel, output] of [
      ["cast_u8_f32", floats],
      ["cast_u8_i32", integers],
    ] as const) {
      checkSpaces(arena, spaces(1), {
        inputs: [bytes(1)],
        output: output(2),
        run: (out, [x], layout, begin, end) => k[kernel](out as never, x as never, layout, begin, end),
        reference: (_old, x) => x,
      });
    }
  });

  test("cast_f32_u8, cast_i32_u8", () => {
    const some = (n: number) => Float32Array.from(normal(n, 1, 7), (v) => (v > 0 ? v : 0));
    checkSpaces(arena, spaces(1), {
      inputs: [some],
      output: bools(2),
      run: (out, [x], layout, begin, end) => k.cast_f32_u8(out as never, x as never, layout, begin, end),
      reference: (_old, x) => Number(x !== 0),
    });
    checkSpaces(arena, spaces(1, 4), {
      inputs: [(n) => Int32Array.from(some(n), (v) => (v > 0 ? -256 : 0))],
      output: bools(2),
      run: (out, [x], layout, begin, end) => k.cast_i32_u8(out as never, x as never, layout, begin, end),
      reference: (_old, x) => Number(x !== 0),
    });
    const out = arena.u8(5);
    const x = arena.f32([Number.NaN, -0, 1e-45, Infinity, 0]);
    k.cast_f32_u8(out, x, arena.layout([], 5, [1], [1]), 0, 5);
    expect([...arena.read(out)]).toEqual([1, 0, 1, 1, 0]);
  });
});
