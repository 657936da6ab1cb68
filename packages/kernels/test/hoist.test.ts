import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import binaryen from "assemblyscript/binaryen";
import { expect, test } from "vitest";
import { hoistConstants } from "../tools/hoist.mjs";

/** Sums i * (1 2 3 4) over i < n, then adds (5 5 5 5) once and (9 9 9 9) per turn of an inner loop of two. */
const TEXT = `(module (memory (export "memory") 1)
  (func (export "run") (param $n i32)
    (local $sum v128) (local $i i32) (local $j i32)
    (loop $outer
      (local.set $j (i32.const 0))
      (loop $inner
        (local.set $sum (i32x4.add (local.get $sum) (v128.const i32x4 9 9 9 9)))
        (local.set $j (i32.add (local.get $j) (i32.const 1)))
        (br_if $inner (i32.lt_u (local.get $j) (i32.const 2))))
      (local.set $sum (i32x4.add (local.get $sum)
        (i32x4.mul (i32x4.splat (local.get $i)) (v128.const i32x4 1 2 3 4))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $outer (i32.lt_u (local.get $i) (local.get $n))))
    (v128.store (i32.const 0) (i32x4.add (local.get $sum) (v128.const i32x4 5 5 5 5)))))`;

const textOf = (bytes: Uint8Array): string => {
  const module = binaryen.readBinary(bytes);
  const text = module.emitText();
  module.dispose();
  return text;
};

/** How many v128 constants stand inside loops. */
function constantsInLoops(text: string): number {
  const open: string[] = [];
  let count = 0;
  for (const [token] of text.matchAll(/\(loop\b|\(v128\.const|\(|\)/g)) {
    if (token === ")") open.pop();
    else open.push(token);
    if (token === "(v128.const" && open.includes("(loop")) count++;
  }
  return count;
}

test("constants leave their loops, and the module computes the same", () => {
  const module = binaryen.parseText(TEXT);
  module.setFeatures(binaryen.Features.All);
  const before = module.emitBinary();
  module.dispose();
  const after = hoistConstants(before);
  expect([constantsInLoops(textOf(before)), constantsInLoops(textOf(after))]).toEqual([2, 0]);
  for (const bytes of [before, after]) {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.from(bytes)));
    (exports.run as (n: number) => void)(3);
    const words = new Int32Array((exports.memory as WebAssembly.Memory).buffer, 0, 4);
    expect([...words]).toEqual([62, 65, 68, 71]);
  }
});

test.each(["simd", "relaxed"])("the %s build has none left in a loop", (variant) => {
  const directory = process.env.SACCADE_KERNELS ?? fileURLToPath(new URL("../build", import.meta.url));
  expect(constantsInLoops(textOf(readFileSync(`${directory}/kernels-${variant}.wasm`)))).toBe(0);
});
