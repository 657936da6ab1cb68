// What a row of the benchmark asks of everyone who takes part, as plain data that goes to child processes, and how much
// work it is.

/** A: M × K and B: K × N as they enter the product: n as they are, t lying transposed in memory. */
export type Form = "nn" | "nt" | "tn";

export interface Product {
  readonly op: "matmul";
  readonly form: Form;
  readonly M: number;
  readonly K: number;
  readonly N: number;
  /** Heads of a batched product; 1 is a plain matrix. */
  readonly batch: number;
  /** B is a weight that never changes (it may be prepared beforehand), or comes anew with every call. */
  readonly weights: "constant" | "fresh";
}

/** x (rows, widths[0]) through one constant weight after the other, the whole list `depth` times: a decoder's products. */
export interface Stack {
  readonly op: "stack";
  readonly rows: number;
  readonly widths: readonly number[];
  readonly depth: number;
}

export const elementwise = {
  add: { reads: 2, bound: "memory" },
  mul: { reads: 2, bound: "memory" },
  relu: { reads: 1, bound: "memory" },
  scale: { reads: 1, bound: "memory" },
  layerNorm: { reads: 1, bound: "memory" },
  rmsNorm: { reads: 1, bound: "memory" },
  softmax: { reads: 1, bound: "exp" },
  exp: { reads: 1, bound: "exp" },
  sigmoid: { reads: 1, bound: "sigmoid" },
  tanh: { reads: 1, bound: "tanh" },
  gelu: { reads: 1, bound: "gelu" },
  silu: { reads: 1, bound: "silu" },
} as const;

export type ElementwiseName = keyof typeof elementwise;

/** One op applied `length` times in a row, so that bringing x in counts once: sessions copy their inputs. */
export interface Chain {
  readonly op: "chain";
  readonly name: ElementwiseName;
  readonly shape: readonly [rows: number, columns: number];
  readonly length: number;
}

/** NCHW, square image and kernel, padding as given, constant weight and bias. */
export interface Convolution {
  readonly op: "conv";
  readonly batch: number;
  readonly channels: number;
  readonly size: number;
  readonly filters: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
  readonly groups: number;
}

/** One layer, one direction, over T steps of I features; constant weights and biases. */
export interface Recurrent {
  readonly op: "recurrent";
  readonly cell: "lstm" | "gru";
  readonly batch: number;
  readonly T: number;
  readonly I: number;
  readonly H: number;
}

/** q, k, v (batch, T, heads · D), as a projection leaves them. */
export interface Attention {
  readonly op: "attention";
  readonly batch: number;
  readonly T: number;
  readonly heads: number;
  readonly D: number;
  readonly causal: boolean;
}

/** A process of its own: import, start, the product of two 64 × 64 matrices, its numbers read. */
export interface Startup {
  readonly op: "startup";
}

/** A process of its own: import, load GPT-2 124M from a file of f32 weights, the logits behind a prompt of 16. */
export interface Load {
  readonly op: "load";
}

/** One step of nanoGPT's recipe: forward, backward, clipping, AdamW. */
interface TrainingStep {
  readonly op: "train";
  readonly layers: number;
  readonly width: number;
  readonly batch: number;
}

/** On `batch` pieces of `block` characters. */
export interface GptTraining extends TrainingStep {
  readonly model: "GPT";
  readonly heads: number;
  readonly block: number;
  readonly vocabulary: number;
}

/** On square images of three colours; the token of the class stands before the patches. */
export interface VitTraining extends TrainingStep {
  readonly model: "ViT";
  readonly heads: number;
  readonly size: number;
  readonly patch: number;
  readonly classes: number;
}

/** As GptTraining, characters in vectors of `width`, which is the size of the states, too. */
export interface LstmTraining extends TrainingStep {
  readonly model: "LSTM";
  readonly block: number;
  readonly vocabulary: number;
}

export type Training = GptTraining | VitTraining | LstmTraining;

/** A whole Transformer at inference, with random weights: of the sizes in networks.ts. */
export interface Network {
  readonly op: "network";
  readonly model: "GPT-2" | "BERT" | "ViT" | "Marian";
  /** Tokens that go in; a ViT has its patches and the class. */
  readonly tokens: number;
  /** Tokens generated one by one behind them, greedily. */
  readonly generated?: number;
  /** What the weights of products are kept in. */
  readonly dtype?: "f32" | "int8" | "int4";
}

export type Task =
  | Product
  | Stack
  | Chain
  | Convolution
  | Recurrent
  | Attention
  | Startup
  | Load
  | Training
  | Network;

/** A loop that shows what the machine can do at most: multiply-adds, a read, a copy, a triad, a function. */
export interface Limit {
  readonly op: "limit";
  readonly loop: "fma" | "read" | "copy" | "triad" | "exp" | "sigmoid" | "tanh" | "gelu" | "silu";
  /** Size of each buffer, as large as the row's own. */
  readonly elements: number;
}

export interface Row {
  readonly name: string;
  readonly task: Task;
  readonly unit: "GFLOP/s" | "GB/s" | "ms";
  /** Floating-point operations or bytes of one run; 0 for ms. */
  readonly amount: number;
  readonly limit?: Limit;
}

const BYTES = 4;

/** Length of the list of grid positions along one axis. */
export function outputSize({ size, kernel, stride, padding }: Convolution): number {
  return Math.floor((size + 2 * padding - kernel) / stride) + 1;
}

export function gatesOf({ cell }: Recurrent): number {
  return cell === "lstm" ? 4 : 3;
}

export function stackElements({ widths, depth }: Stack): number {
  const once = widths.slice(1).reduce((sum, width, i) => sum + width * widths[i], 0);
  return once * depth;
}

const peak: Limit = { op: "limit", loop: "fma", elements: 0 };
const flops = (amount: number): Omit<Row, "name" | "task"> => ({ unit: "GFLOP/s", amount, limit: peak });

function chainMeasure({ name, shape, length }: Chain): Omit<Row, "name" | "task"> {
  const { reads, bound } = elementwise[name];
  const elements = shape[0] * shape[1];
  const loop = bound !== "memory" ? bound : reads === 2 ? "triad" : "copy";
  const amount = BYTES * elements * (reads + 1) * length;
  return { unit: "GB/s", amount, limit: { op: "limit", loop, elements } };
}

/** How a task is counted, and against which limit. */
export function measureOf(task: Task): Omit<Row, "name" | "task"> {
  switch (task.op) {
    case "matmul":
      return flops(2 * task.batch * task.M * task.K * task.N);
    case "stack": {
      const elements = stackElements(task);
      const read: Limit = { op: "limit", loop: "read", elements };
      if (task.rows > 1) return flops(2 * task.rows * elements);
      return { unit: "GB/s", amount: BYTES * elements, limit: read };
    }
    case "chain":
      return chainMeasure(task);
    case "conv": {
      const outputs = task.batch * task.filters * outputSize(task) ** 2;
      return flops((2 * outputs * task.channels * task.kernel ** 2) / task.groups);
    }
    case "recurrent":
      return flops(2 * task.batch * task.T * gatesOf(task) * task.H * (task.I + task.H));
    case "attention": {
      const whole = 4 * task.batch * task.heads * task.T * task.T * task.D;
      return flops(task.causal ? (whole * (task.T + 1)) / (2 * task.T) : whole);
    }
    case "startup":
    case "load":
    case "network":
    case "train":
      return { unit: "ms", amount: 0 };
  }
}

export function row(name: string, task: Task): Row {
  return { name, task, ...measureOf(task) };
}
