// The tasks as ONNX graphs. Constant weights are initializers, which onnxruntime prepares when a session is made.
import { future, numbers, reordered, weights } from "../data.ts";
import { type AnyValues, type Graph, model, type Node, type Values } from "../onnx.ts";
import {
  type Attention,
  type Chain,
  type Convolution,
  type ElementwiseName,
  gatesOf,
  outputSize,
  type Product,
  type Recurrent,
  type Stack,
} from "../tasks.ts";

type Floats = Float32Array<ArrayBuffer>;

export interface Session {
  readonly model: Uint8Array;
  readonly feeds: Readonly<Record<string, AnyValues>>;
  /** The outputs that make up one run. */
  readonly results: readonly string[];
  /** Runs of the task in one run of the session. */
  readonly runs: number;
}

const values = (data: Floats, ...shape: number[]): Values => ({ data, shape });
const shapesOf = (all: Readonly<Record<string, Values>>): Record<string, readonly number[]> =>
  Object.fromEntries(Object.entries(all).map(([name, { shape }]) => [name, shape]));

interface Plan extends Omit<Graph, "inputs"> {
  readonly feeds: Readonly<Record<string, Values>>;
  readonly results: readonly string[];
  readonly runs?: number;
}

function session({ feeds, results, runs = 1, ...graph }: Plan): Session {
  return { model: model({ ...graph, inputs: shapesOf(feeds) }), feeds, results, runs };
}

/** The smallest model: C = A B of two size × size inputs. */
export function productModel(size: number): Uint8Array {
  const shape = [size, size];
  return model({
    nodes: [{ op: "MatMul", inputs: ["A", "B"], outputs: ["C"] }],
    inputs: { A: shape, B: shape },
    outputs: { C: shape },
  });
}

function productNode({ form, batch }: Product, A: string, B: string, C: string): Node {
  const inputs = [A, B];
  if (form === "nn") return { op: "MatMul", inputs, outputs: [C] };
  const [transA, transB] = [Number(form === "tn"), Number(form === "nt")];
  if (batch === 1) return { op: "Gemm", inputs, outputs: [C], attributes: { transA, transB } };
  return { op: "FusedMatMul", domain: "com.microsoft", inputs, outputs: [C], attributes: { transA, transB } };
}

/** So many products of a fresh B share its way into the session, as they would in a model's graph. */
const SHARED = 4;

export function product(task: Product): Session {
  const { form, M, K, N, batch, weights: kind } = task;
  const many = batch > 1 ? [batch] : [];
  const B = values(numbers(batch * K * N, 2), ...many, ...(form === "nt" ? [N, K] : [K, N]));
  const A = values(numbers(batch * M * K, 1), ...many, ...(form === "tn" ? [K, M] : [M, K]));
  const C = [...many, M, N];
  if (kind === "constant") {
    const nodes = [productNode(task, "A", "B", "C")];
    return session({ nodes, feeds: { A }, outputs: { C }, constants: { B }, results: ["C"] });
  }
  const indices = Array.from({ length: batch > 1 ? 1 : SHARED }, (_, i) => i);
  return session({
    nodes: indices.map((i) => productNode(task, `A${i}`, "B", `C${i}`)),
    feeds: { B, ...Object.fromEntries(indices.map((i) => [`A${i}`, A])) },
    outputs: Object.fromEntries(indices.map((i) => [`C${i}`, C])),
    results: ["C0"],
    runs: indices.length,
  });
}

export function stack({ rows, widths, depth }: Stack): Session {
  const constants: Record<string, Values> = {};
  const nodes: Node[] = [];
  let x = "x";
  for (let d = 0; d < depth; d++) {
    for (const [i, N] of widths.slice(1).entries()) {
      const [W, y] = [`W${d}.${i}`, `y${d}.${i}`];
      constants[W] = values(weights(widths[i] * N, d * 8 + i + 2, widths[i]), widths[i], N);
      nodes.push({ op: "MatMul", inputs: [x, W], outputs: [y] });
      x = y;
    }
  }
  const feeds = { x: values(numbers(rows * widths[0], 1), rows, widths[0]) };
  const outputs = { [x]: [rows, widths[widths.length - 1]] };
  return session({ nodes, feeds, outputs, constants, results: [x] });
}

const gain = (n: number): Floats => numbers(n, 3).map((v) => v + 1);
const EPSILON = { float: 1e-5 };

/** Node of each op from y to z; fused ones from onnxruntime's own domain where it has them. */
const elementwise: Readonly<Record<ElementwiseName, Pick<Node, "op"> & Partial<Node>>> = {
  add: { op: "Add", inputs: ["other"] },
  mul: { op: "Mul", inputs: ["other"] },
  relu: { op: "Relu" },
  scale: { op: "Mul", inputs: ["factor"] },
  layerNorm: {
    op: "LayerNormalization",
    inputs: ["gain", "shift"],
    attributes: { axis: -1, epsilon: EPSILON },
  },
  rmsNorm: {
    op: "SimplifiedLayerNormalization",
    inputs: ["gain"],
    attributes: { axis: -1, epsilon: EPSILON },
  },
  softmax: { op: "Softmax", attributes: { axis: -1 } },
  exp: { op: "Exp" },
  sigmoid: { op: "Sigmoid" },
  tanh: { op: "Tanh" },
  gelu: { op: "Gelu", domain: "com.microsoft" },
  silu: { op: "QuickGelu", domain: "com.microsoft", attributes: { alpha: { float: 1 } } },
};

export function chain({ name, shape, length }: Chain): Session {
  const [rows, columns] = shape;
  const { inputs: more = [], ...node } = elementwise[name];
  const nodes = Array.from({ length }, (_, i) => ({
    ...node,
    inputs: [`y${i}`, ...more],
    outputs: [`y${i + 1}`],
  }));
  const parameters: Readonly<Record<string, () => Values>> = {
    gain: () => values(gain(columns), columns),
    shift: () => values(numbers(columns, 4), columns),
    factor: () => values(Float32Array.of(0.875)),
  };
  const constants = Object.fromEntries(
    more.filter((one) => one !== "other").map((one) => [one, parameters[one]()]),
  );
  const y0 = values(numbers(rows * columns, 1, 2), rows, columns);
  const feeds: Record<string, Values> = more.includes("other")
    ? { y0, other: values(numbers(rows * columns, 2), rows, columns) }
    : { y0 };
  const last = `y${length}`;
  return session({ nodes, feeds, outputs: { [last]: shape }, constants, results: [last] });
}

export function conv(task: Convolution): Session {
  const { batch, channels, size, filters, kernel, stride, padding, groups } = task;
  const each = channels / groups;
  const attributes = {
    kernel_shape: [kernel, kernel],
    strides: [stride, stride],
    pads: [padding, padding, padding, padding],
    group: groups,
  };
  const constants = {
    W: values(weights(filters * each * kernel ** 2, 2, each * kernel ** 2), filters, each, kernel, kernel),
    b: values(numbers(filters, 3), filters),
  };
  const grid = outputSize(task);
  return session({
    nodes: [{ op: "Conv", inputs: ["x", "W", "b"], outputs: ["y"], attributes }],
    feeds: { x: values(numbers(batch * channels * size * size, 1), batch, channels, size, size) },
    outputs: { y: [batch, filters, grid, grid] },
    constants,
    results: ["y"],
  });
}

/** Blocks of PyTorch's gates in ONNX's order: i f g o → i o f c, r z n → z r h. */
const gateOrder = { lstm: [0, 3, 1, 2], gru: [1, 0, 2] } as const;

export function recurrent(task: Recurrent): Session {
  const { cell, batch, T, I, H } = task;
  const gates = gatesOf(task);
  const G = gates * H;
  const inOrder = (data: Floats, inputs: number): Floats => reordered(data, H * inputs, gateOrder[cell]);
  const biases = new Float32Array(2 * G);
  biases.set(inOrder(numbers(G, 4), 1));
  biases.set(inOrder(numbers(G, 5), 1), G);
  const constants = {
    W: values(inOrder(weights(G * I, 2, I), I), 1, G, I),
    R: values(inOrder(weights(G * H, 3, H), H), 1, G, H),
    B: values(biases, 1, 2 * G),
  };
  // (B, T, I) → (T, B, I)
  const steps = Array.from({ length: batch * T }, (_, to) => (to % batch) * T + Math.floor(to / batch));
  const x = reordered(numbers(batch * T * I, 1), I, steps);
  const attributes = { hidden_size: H, ...(cell === "gru" ? { linear_before_reset: 1 } : {}) };
  return session({
    nodes: [{ op: cell.toUpperCase(), inputs: ["x", "W", "R", "B"], outputs: ["y"], attributes }],
    feeds: { x: values(x, T, batch, I) },
    outputs: { y: [T, 1, batch, H] },
    constants,
    results: ["y"],
  });
}

/** From here on its MultiHeadAttention refuses with an integer overflow, whatever the heads and the options. */
const TOO_LONG = 4096;

/** softmax(q kᵀ / sqrt(D)) v of plain nodes; q, k, v (batch, T, heads, D), the same memory. */
function composedAttention({ batch, T, heads, D, causal }: Attention): Session {
  const shape = [batch, T, heads, D];
  const names = ["q", "k", "v"];
  const feeds = Object.fromEntries(
    names.map((name, i) => [name, values(numbers(batch * T * heads * D, i + 1, 2), ...shape)]),
  );
  const perm = { perm: [0, 2, 1, 3] };
  const node = (op: string, inputs: readonly string[], output: string, more: Partial<Node> = {}): Node => ({
    op,
    inputs,
    outputs: [output],
    ...more,
  });
  const scaled = { domain: "com.microsoft", attributes: { transB: 1, alpha: { float: 1 / Math.sqrt(D) } } };
  return session({
    nodes: [
      ...names.map((name) => node("Transpose", [name], `${name}h`, { attributes: perm })),
      node("FusedMatMul", ["qh", "kh"], "scores", scaled),
      ...(causal ? [node("Add", ["scores", "future"], "masked")] : []),
      node("Softmax", [causal ? "masked" : "scores"], "pattern", { attributes: { axis: -1 } }),
      node("MatMul", ["pattern", "vh"], "yh"),
      node("Transpose", ["yh"], "y", { attributes: perm }),
    ],
    feeds,
    outputs: { y: shape },
    constants: causal ? { future: values(future(T), T, T) } : {},
    results: ["y"],
  });
}

export function attention(task: Attention): Session {
  const { batch, T, heads, D, causal } = task;
  if (T >= TOO_LONG) return composedAttention(task);
  const shape = [batch, T, heads * D];
  const names = ["q", "k", "v"];
  const feeds = Object.fromEntries(
    names.map((name, i) => [name, values(numbers(batch * T * heads * D, i + 1, 2), ...shape)]),
  );
  const attributes = { num_heads: heads, unidirectional: Number(causal) };
  return session({
    nodes: [{ op: "MultiHeadAttention", domain: "com.microsoft", inputs: names, outputs: ["y"], attributes }],
    feeds,
    outputs: { y: shape },
    results: ["y"],
  });
}
