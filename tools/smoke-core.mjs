// The built @saccade/core on whatever Node runs this (20.19 or newer): loads the embedded kernels, multiplies, and
// differentiates. Tests cover the sources; this covers what is published.
import assert from "node:assert/strict";
import { info, init, memory, tensor, terminate } from "@saccade/core";

await init();
const x = tensor(
  [
    [1, 2],
    [3, 4],
  ],
  { requiresGrad: true },
);
const y = x.matmul(x.t()).sum();
y.backward();
assert.equal(y.item(), 52);
assert.deepEqual(x.grad?.toArray(), [
  [8, 12],
  [8, 12],
]);
console.log(`ok: ${info().variant} kernels, ${memory().heapBytes} bytes of heap`);
terminate();
