// The part of the peers' interfaces that is used here, so that the sources are checked without them installed.

type Floats = Float32Array<ArrayBuffer>;
type Shape = readonly number[];

// -- onnxruntime-web -----------------------------------------------------------------------------------------------------

export interface OrtTensor {
  readonly data: Float32Array;
  dispose(): void;
}

export interface OrtSession {
  run(feeds: Readonly<Record<string, OrtTensor>>): Promise<Readonly<Record<string, OrtTensor>>>;
  release(): Promise<void>;
}

export interface OrtModule {
  readonly env: {
    readonly wasm: { numThreads?: number; simd?: boolean | "fixed" | "relaxed" };
    logLevel?: string;
  };
  readonly InferenceSession: {
    create(model: Uint8Array, options: Readonly<Record<string, unknown>>): Promise<OrtSession>;
  };
  readonly Tensor: new (type: "float32" | "int64", data: unknown, dims: Shape) => OrtTensor;
}

// -- TensorFlow.js -------------------------------------------------------------------------------------------------------

export interface TfTensor {
  readonly shape: Shape;
  dataSync(): Float32Array;
  dispose(): void;
}

type Axis = number | readonly number[];
type Unary = (x: TfTensor) => TfTensor;
type Binary = (a: TfTensor, b: TfTensor | number) => TfTensor;

export interface TfVariable extends TfTensor {
  assign(value: TfTensor): void;
}

type TfGradients = Readonly<Record<string, TfTensor>>;

/** A product whose gradients are given with it. */
type Differentiated = (
  a: TfTensor,
  b: TfTensor,
  save: (tensors: TfTensor[]) => void,
) => { value: TfTensor; gradFunc(dy: TfTensor, saved: TfTensor[]): TfTensor[] };

export interface TfModule {
  setBackend(name: "wasm"): Promise<boolean>;
  ready(): Promise<void>;
  tensor(data: Floats, shape: Shape): TfTensor;
  scalar(value: number): TfTensor;
  tidy<T extends TfTensor | undefined>(body: () => T): T;
  matMul(a: TfTensor, b: TfTensor, transposeA?: boolean, transposeB?: boolean): TfTensor;
  transpose(x: TfTensor, order: Shape): TfTensor;
  reshape(x: TfTensor, shape: Shape): TfTensor;
  softmax(x: TfTensor, axis: number): TfTensor;
  mean(x: TfTensor, axis: Axis, keepDims: boolean): TfTensor;
  readonly add: Binary;
  readonly sub: Binary;
  readonly mul: Binary;
  readonly div: Binary;
  readonly relu: Unary;
  readonly exp: Unary;
  readonly sigmoid: Unary;
  readonly tanh: Unary;
  readonly erf: Unary;
  readonly square: Unary;
  readonly rsqrt: Unary;
  readonly sqrt: Unary;
  sum(x: TfTensor): TfTensor;
  addN(all: readonly TfTensor[]): TfTensor;
  minimum(a: TfTensor, b: TfTensor | number): TfTensor;
  zeros(shape: Shape): TfTensor;
  slice(x: TfTensor, begin: Shape, size: Shape): TfTensor;
  split(x: TfTensor, parts: number, axis: number): TfTensor[];
  unstack(x: TfTensor, axis: number): TfTensor[];
  concat(parts: readonly TfTensor[], axis: number): TfTensor;
  broadcastTo(x: TfTensor, shape: Shape): TfTensor;
  variable(value: TfTensor): TfVariable;
  variableGrads(f: () => TfTensor, variables: readonly TfVariable[]): { value: TfTensor; grads: TfGradients };
  customGrad(f: Differentiated): (a: TfTensor, b: TfTensor) => TfTensor;
  readonly losses: { softmaxCrossEntropy(oneHot: TfTensor, logits: TfTensor): TfTensor };
  readonly train: {
    adam(lr: number, beta1: number, beta2: number, epsilon: number): TfOptimizer;
  };
  readonly fused: {
    conv2d(options: Readonly<Record<string, unknown>>): TfTensor;
    depthwiseConv2d(options: Readonly<Record<string, unknown>>): TfTensor;
  };
}

export interface TfOptimizer {
  applyGradients(gradients: TfGradients): void;
  dispose(): void;
}

export interface WasmBackend {
  setWasmPaths(directory: string): void;
}

// -- jax-js --------------------------------------------------------------------------------------------------------------

/** Every function takes its arguments over; `.ref` keeps one. */
export interface JaxArray {
  readonly ref: JaxArray;
  readonly shape: Shape;
  reshape(shape: readonly number[]): JaxArray;
  transpose(axes?: readonly number[]): JaxArray;
  add(other: JaxArray | number): JaxArray;
  sub(other: JaxArray | number): JaxArray;
  mul(other: JaxArray | number): JaxArray;
  div(other: JaxArray | number): JaxArray;
  sum(axis?: Axis): JaxArray;
  mean(axis?: Axis): JaxArray;
  data(): Promise<Float32Array>;
  dispose(): void;
}

export type JaxTree = JaxArray | readonly JaxTree[] | { readonly [name: string]: JaxTree };

export interface JaxModule {
  init(device: "wasm"): Promise<unknown>;
  defaultDevice(device: "wasm"): unknown;
  blockUntilReady<T>(x: T): Promise<T>;
  jit<A extends readonly never[], R>(f: (...args: A) => R): ((...args: A) => R) & { dispose(): void };
  valueAndGrad<A extends readonly never[]>(f: (...args: A) => JaxArray): (...args: A) => [JaxArray, A[0]];
  readonly numpy: {
    array(data: Floats | Int32Array<ArrayBuffer>): JaxArray;
    zerosLike(x: JaxArray): JaxArray;
    matmul(a: JaxArray, b: JaxArray): JaxArray;
    mean(x: JaxArray, axis: number, options: { keepdims: boolean }): JaxArray;
    square(x: JaxArray): JaxArray;
    sqrt(x: JaxArray): JaxArray;
    exp(x: JaxArray): JaxArray;
    tanh(x: JaxArray): JaxArray;
    sum(x: JaxArray): JaxArray;
    minimum(a: JaxArray | number, b: JaxArray | number): JaxArray;
    split(x: JaxArray, parts: number | readonly number[], axis: number): JaxArray[];
    concatenate(parts: readonly JaxArray[], axis: number): JaxArray;
    broadcastTo(x: JaxArray, shape: Shape): JaxArray;
    take(x: JaxArray, indices: JaxArray, axis: number): JaxArray;
  };
  readonly nn: {
    relu(x: JaxArray): JaxArray;
    sigmoid(x: JaxArray): JaxArray;
    silu(x: JaxArray): JaxArray;
    gelu(x: JaxArray, options: { approximate: boolean }): JaxArray;
    softmax(x: JaxArray, axis: number): JaxArray;
    logSoftmax(x: JaxArray, axis: number): JaxArray;
    oneHot(x: JaxArray, classes: number): JaxArray;
    dotProductAttention(q: JaxArray, k: JaxArray, v: JaxArray, options: { isCausal: boolean }): JaxArray;
  };
  readonly lax: {
    convGeneralDilated(
      x: JaxArray,
      weight: JaxArray,
      strides: readonly number[],
      padding: readonly (readonly [number, number])[],
      options: { featureGroupCount?: number },
    ): JaxArray;
  };
}
