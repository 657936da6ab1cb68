// Random numbers: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011), keyed by the seed
// and a stream number that counts random ops; the element index is the counter. The state is two integers, so a training
// checkpoint can hold it.
import { SaccadeError } from "@saccade/kernels";
import { engine } from "./engine.ts";
import { checkShape, numel, type Shape } from "./shape.ts";
import { empty, f32, type Tensor } from "./tensor.ts";

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
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new SaccadeError("argument", `the random ${name} must be an integer in 0…2^53 - 1, got ${value}`);
    }
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

/** Uniform numbers in [low, high). torch.rand, torch.nn.init.uniform_ */
export function rand(shape: Shape, options: { low?: number; high?: number } = {}): Tensor {
  const { low = 0, high = 1 } = options;
  const y = empty(checkShape("rand", shape));
  const n = numel(y.shape);
  engine().run("philox_uniform_f32", n, 0, f32(y), n, ...words(nextStream()), low, high);
  return y;
}

/** Normal numbers. torch.randn, torch.nn.init.normal_ */
export function randn(shape: Shape, options: { mean?: number; std?: number } = {}): Tensor {
  const { mean = 0, std = 1 } = options;
  const y = empty(checkShape("randn", shape));
  const n = numel(y.shape);
  engine().run("philox_normal_f32", n, 0, f32(y), n, ...words(nextStream()), mean, std);
  return y;
}
