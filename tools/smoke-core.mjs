// The built @saccade/core on whatever Node runs this (20.19 or newer): loads the embedded kernels, multiplies, and
// differentiates, on one thread and on two, with the same bits. Tests cover the sources; this covers what is published.
import assert from "node:assert/strict";
import { info, init, manualSeed, memory, nn, optim, randn, scope, tensor, terminate } from "@saccade/core";

/** A product large enough to be shared, and its gradient. */
function product() {
  manualSeed(1);
  return scope(() => {
    const x = randn([300, 400], { requiresGrad: true });
    for (let i = 0; i < 20; i++) x.matmul(x.t()).softmax(-1).dispose();
    const y = x.matmul(x.t()).gelu().sum();
    y.backward();
    return [y.item(), ...(x.grad?.toTypedArray() ?? [])];
  });
}

// Errors say a layer's or an optimizer's name: bundling must not have changed it.
for (const [name, value] of Object.entries({ ...nn, ...optim }))
  if (/^[A-Z]/.test(name) && typeof value === "function") assert.equal(value.name, name);

const results = [];
for (const threads of [1, 2]) {
  await init({ threads });
  assert.equal(info().threads, threads, info().threadsReason);
  scope(() => {
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
  });
  results.push(product());
  const { variant, threadsReason } = info();
  console.log(
    `ok: ${variant} kernels, ${threads} threads (${threadsReason}), ${memory().heapBytes} bytes of heap`,
  );
  terminate();
}
assert.deepEqual(results[0], results[1]);
