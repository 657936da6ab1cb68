// Random numbers: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011), keyed by the seed
// and a stream number that counts random ops; the element index is the counter. The state is two integers, so a training
// checkpoint can hold it.
import { noGrad } from "./autograd/tape.ts";
import type { CreateOptions } from "./create.ts";
import { engine } from "./engine.ts";
import { HostRandom } from "./hostRandom.ts";
import { fail, floatTensor, integerArgument, refuse, tensorArgument } from "./ops/arguments.ts";
import { to } from "./ops/cast.ts";
import { lt } from "./ops/compare.ts";
import { writeElements } from "./ops/contiguous.ts";
import { amax, amin } from "./ops/extrema.ts";
import { scope } from "./scope.ts";
import { checkShape, numel, type Shape } from "./shape.ts";
import { empty, f32, i32, type Tensor } from "./tensor.ts";

/** One random op's numbers: element i of it is a function of these and i. */
export interface RandomStream {
  readonly seed: number;
  readonly stream: number;
}

const state = { seed: 0, stream: 0 };

/** Starts the sequence of random ops anew. torch.manual_seed */
export function manualSeed(seed: number): void {
  setRandomState({ seed, stream: 0 });
}

/** The generator's state, for a checkpoint. torch.get_rng_state */
export function randomState(): RandomStream {
  return { ...state };
}

export function setRandomState({ seed, stream }: RandomStream): void {
  for (const [name, value] of Object.entries({ seed, stream })) {
    integerArgument("setRandomState", name, value, 0);
  }
  state.seed = seed;
  state.stream = stream;
}

/** The next op's stream. @internal */
export function nextStream(): RandomStream {
  return { seed: state.seed, stream: state.stream++ };
}

/** seed and stream as the four 32-bit words kernels take. @internal */
export function words({ seed, stream }: RandomStream): [number, number, number, number] {
  return [seed | 0, Math.floor(seed / 2 ** 32) | 0, stream | 0, Math.floor(stream / 2 ** 32) | 0];
}

export interface UniformOptions extends Omit<CreateOptions, "dtype"> {
  readonly low?: number;
  readonly high?: number;
}

/** Uniform numbers in [low, high). torch.rand, torch.nn.init.uniform_ */
export function rand(shape: Shape, options: UniformOptions = {}): Tensor {
  const { low = 0, high = 1, requiresGrad = false } = options;
  const y = empty(checkShape("rand", shape));
  const n = numel(y.shape);
  engine().run("philox_uniform_f32", n, 0, f32(y), n, ...words(nextStream()), low, high);
  return y.requiresGrad_(requiresGrad);
}

/** Uniform numbers in the shape of x. torch.rand_like */
export function randLike(x: Tensor, options: UniformOptions = {}): Tensor {
  return rand(tensorArgument("randLike", "input", x).shape, options);
}

export interface NormalOptions extends Omit<CreateOptions, "dtype"> {
  readonly mean?: number;
  readonly std?: number;
}

/** Normal numbers. torch.randn, torch.nn.init.normal_ */
export function randn(shape: Shape, options: NormalOptions = {}): Tensor {
  const { mean = 0, std = 1, requiresGrad = false } = options;
  const y = empty(checkShape("randn", shape));
  const n = numel(y.shape);
  engine().run("philox_normal_f32", n, 0, f32(y), n, ...words(nextStream()), mean, std);
  return y.requiresGrad_(requiresGrad);
}

/** Normal numbers in the shape of x. torch.randn_like */
export function randnLike(x: Tensor, options: NormalOptions = {}): Tensor {
  return randn(tensorArgument("randnLike", "input", x).shape, options);
}

/** Integers in [low, high), from 0 if only `high` is given, each equally likely up to 2^-32, as i32. torch.randint */
export function randint(high: number, shape: Shape): Tensor;
export function randint(low: number, high: number, shape: Shape): Tensor;
export function randint(...given: readonly (number | Shape)[]): Tensor {
  const [low, high, shape] = given.length === 2 ? [0, ...given] : given;
  if (!isI32(low) || !isI32(Number(high) - 1) || low >= Number(high) || Number(high) - low >= 2 ** 32) {
    refuse("randint", "low and high", "a range of i32", [low, high]);
  }
  const y = empty(checkShape("randint", shape), "i32");
  const n = numel(y.shape);
  const span = (Number(high) - low) | 0;
  engine().run("philox_integers_i32", n, 0, i32(y), n, ...words(nextStream()), low, span);
  return y;
}

function isI32(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= -(2 ** 31) && (value as number) < 2 ** 31;
}

/** 0 … n − 1 in random order, as i32. torch.randperm */
export function randperm(n: number): Tensor {
  checkShape("randperm", [n]);
  const { seed, stream } = nextStream();
  // The host's generator counts words: each stream has 2^32 of them, the streams follow one another.
  const y = empty([n], "i32");
  writeElements(y, new HostRandom(seed, (stream % 2 ** 20) * 2 ** 32).permutation(n));
  return y;
}

/** 1 with the probability that each element of p says, else 0, as f32. torch.bernoulli */
export function bernoulli(p: Tensor): Tensor {
  floatTensor("bernoulli", "input", p);
  return noGrad(() =>
    scope(() => {
      const inside = p.numel === 0 || (amin(p).item() >= 0 && amax(p).item() <= 1);
      if (!inside) fail("argument", "bernoulli: a probability is outside 0…1");
      return to(lt(rand(p.shape), p), "f32");
    }),
  );
}
