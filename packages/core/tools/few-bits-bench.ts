// `npm run bench -- few-bits`: layers whose weights are kept in fewer bits beside the same layer in f32, round by round in
// one process, in both builds: how many times as fast, by the medians. One row as in decoding (by bytes: the fast product),
// and four as in a beam search, whose weights are widened first.
import { init, nn, noGrad, randn, scope, terminate, withFastProducts } from "@saccade/core";

const FORMATS = ["f32", "f16", "bf16", "int8", "int4"] as const;
/** GPT-2's head, beyond cache, and its feed-forward. */
const SIZES = [
  [768, 50257],
  [768, 3072],
] as const;
const ROUNDS = 25;
const WARM_MS = 200;

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] as number;

/** Milliseconds of a forward of each layer, the layers in turn. */
function timesOf(layers: readonly nn.Linear[], rows: number): number[] {
  using x = randn([rows, layers[0].inFeatures]);
  const calls = layers[0].outFeatures > 10000 ? 1 : 16;
  const run = (layer: nn.Linear): void =>
    noGrad(() => withFastProducts(() => scope(() => void layer.forward(x))));
  for (const layer of layers)
    for (const end = performance.now() + WARM_MS; performance.now() < end; ) run(layer);
  const times = layers.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, layer] of layers.entries()) {
      const begin = performance.now();
      for (let call = 0; call < calls; call++) run(layer);
      times[i].push((performance.now() - begin) / calls);
    }
  }
  return times.map(median);
}

for (const variant of ["relaxed", "simd"] as const) {
  await init({ variant, development: false });
  for (const [inputs, outputs] of SIZES) {
    const layers = FORMATS.map((dtype) =>
      new nn.Linear(inputs, outputs, { bias: false }).eval().pack({ dtype }),
    );
    for (const rows of [1, 4]) {
      const [f32, ...rest] = timesOf(layers, rows);
      const ratios = rest.map((time, i) => `${FORMATS[i + 1]} ${(f32 / time).toFixed(2)}`);
      console.log(`${variant.padEnd(8)} ${rows} × ${inputs} × ${outputs}`.padEnd(28), ratios.join("   "));
    }
    for (const layer of layers) layer.dispose();
  }
  terminate();
}
