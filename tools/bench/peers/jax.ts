// jax-js on its wasm device, every task one `jit`ted function. Functions take their arguments over; `.ref` keeps them.
import { checksum, numbers, weights } from "../data.ts";
import { type Open, type Preparations, type Prepared, prepareFrom } from "../participant.ts";
import type { Attention, Chain, Convolution, ElementwiseName, Product, Stack } from "../tasks.ts";
import { train } from "./jaxTraining.ts";
import type { JaxArray, JaxModule } from "./libraries.ts";
import { imported, startups, versionOf } from "./modules.ts";

type Floats = Float32Array<ArrayBuffer>;

/** Tasks on the wasm device. */
function preparationsOf(jax: JaxModule): Preparations {
  const { numpy: np, nn, lax } = jax;
  const made = (data: Floats, ...shape: number[]): JaxArray => np.array(data).reshape(shape);

  function prepared(f: (...inputs: JaxArray[]) => JaxArray, inputs: readonly JaxArray[]): Prepared {
    const compiled = jax.jit(f as (...inputs: never[]) => JaxArray) as unknown as typeof f & {
      dispose(): void;
    };
    const result = (): JaxArray => compiled(...inputs.map((x) => x.ref));
    return {
      run: async () => {
        const y = await jax.blockUntilReady(result());
        y.dispose();
      },
      check: async () => checksum(await result().data()),
      dispose() {
        compiled.dispose();
        for (const x of inputs) x.dispose();
      },
    };
  }

  const turned = (x: JaxArray, batch: number): JaxArray => x.transpose(batch > 1 ? [0, 2, 1] : [1, 0]);

  function product({ form, M, K, N, batch }: Product): Prepared {
    const many = batch > 1 ? [batch] : [];
    const A = made(numbers(batch * M * K, 1), ...many, ...(form === "tn" ? [K, M] : [M, K]));
    const B = made(numbers(batch * K * N, 2), ...many, ...(form === "nt" ? [N, K] : [K, N]));
    const f = (a: JaxArray, b: JaxArray): JaxArray =>
      np.matmul(form === "tn" ? turned(a, batch) : a, form === "nt" ? turned(b, batch) : b);
    return prepared(f, [A, B]);
  }

  function stack({ rows, widths, depth }: Stack): Prepared {
    const x = made(numbers(rows * widths[0], 1), rows, widths[0]);
    const all = Array.from({ length: depth }, (_, d) =>
      widths.slice(1).map((N, i) => made(weights(widths[i] * N, d * 8 + i + 2, widths[i]), widths[i], N)),
    ).flat();
    return prepared((y, ...layers) => layers.reduce((z, W) => np.matmul(z, W), y), [x, ...all]);
  }

  function chain({ name, shape, length }: Chain): Prepared {
    const [rows, columns] = shape;
    const x = made(numbers(rows * columns, 1, 2), rows, columns);
    const needs: Partial<Record<ElementwiseName, () => JaxArray[]>> = {
      add: () => [made(numbers(rows * columns, 2), rows, columns)],
      mul: () => [made(numbers(rows * columns, 2), rows, columns)],
      layerNorm: () => [gain(columns), made(numbers(columns, 4), columns)],
      rmsNorm: () => [gain(columns)],
    };
    const scaled = (y: JaxArray, g: JaxArray): JaxArray => {
      const squares = np.mean(np.square(y.ref), -1, { keepdims: true });
      return y.div(np.sqrt(squares.add(1e-5))).mul(g);
    };
    const ops: Readonly<Record<ElementwiseName, (y: JaxArray, ...more: JaxArray[]) => JaxArray>> = {
      add: (y, other) => y.add(other),
      mul: (y, other) => y.mul(other),
      relu: nn.relu,
      scale: (y) => y.mul(0.875),
      layerNorm: (y, g, b) => scaled(y.ref.sub(np.mean(y, -1, { keepdims: true })), g).add(b),
      rmsNorm: (y, g) => scaled(y, g),
      softmax: (y) => nn.softmax(y, -1),
      exp: np.exp,
      sigmoid: nn.sigmoid,
      tanh: np.tanh,
      gelu: (y) => nn.gelu(y, { approximate: false }),
      silu: nn.silu,
    };
    // One compiled op after the other: in one function jax-js would fuse the chain, which is another task.
    const inputs = needs[name]?.() ?? [];
    const op = jax.jit(ops[name] as (...inputs: never[]) => JaxArray) as unknown as (
      ...a: JaxArray[]
    ) => JaxArray;
    const all = (y: JaxArray): JaxArray => op(y, ...inputs.map((input) => input.ref));
    const result = (): JaxArray => {
      let y = all(x.ref);
      for (let i = 1; i < length; i++) y = all(y);
      return y;
    };
    return {
      run: async () => (await jax.blockUntilReady(result())).dispose(),
      check: async () => checksum(await result().data()),
      dispose() {
        for (const one of [x, ...inputs]) one.dispose();
      },
    };
  }

  const gain = (columns: number): JaxArray =>
    made(
      numbers(columns, 3).map((v) => v + 1),
      columns,
    );

  function conv({ batch, channels, size, filters, kernel, stride, padding, groups }: Convolution): Prepared {
    const each = channels / groups;
    const taps = each * kernel ** 2;
    const inputs = [
      made(numbers(batch * channels * size * size, 1), batch, channels, size, size),
      made(weights(filters * taps, 2, taps), filters, each, kernel, kernel),
      made(numbers(filters, 3), filters, 1, 1),
    ];
    const around = [padding, padding] as const;
    const options = groups === 1 ? {} : { featureGroupCount: groups };
    const f = (x: JaxArray, W: JaxArray, b: JaxArray): JaxArray =>
      lax.convGeneralDilated(x, W, [stride, stride], [around, around], options).add(b);
    return prepared(f, inputs);
  }

  function attention({ batch, T, heads, D, causal }: Attention): Prepared {
    const inputs = [1, 2, 3].map((seed) => made(numbers(batch * T * heads * D, seed, 2), batch, T, heads, D));
    return prepared((q, k, v) => nn.dotProductAttention(q, k, v, { isCausal: causal }), inputs);
  }

  return {
    matmul: product,
    stack,
    chain,
    conv,
    attention,
    train: (task) => train(jax, task),
    startup: () => startups("jax-js"),
  };
}

export const open: Open = async () => {
  const jax = await imported<JaxModule>("@jax-js/jax");
  await jax.init("wasm");
  jax.defaultDevice("wasm");
  const preparations = preparationsOf(jax);
  return {
    version: versionOf("@jax-js/jax"),
    threads: 1,
    threadsReason: "it has one thread in Node",
    prepare: (task) => prepareFrom(preparations, task),
  };
};
