// Convolutions over one to three axes and their transposes, patches and sums of patches, with PyTorch's parameters.
// torch.nn.Conv2d, ConvTranspose2d, Unfold, Fold
import { refuse, tensorArgument } from "../ops/arguments.ts";
import {
  type ConvOptions,
  conv1d,
  conv2d,
  conv3d,
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
} from "../ops/conv.ts";
import { pad } from "../ops/pad.ts";
import { fold, unfold } from "../ops/unfold.ts";
import { type PerAxis, perAxis } from "../ops/window.ts";
import { scope } from "../scope.ts";
import { formatShape, numel } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { defineLayer } from "./defineLayer.ts";
import { kaimingUniform_, uniform_ } from "./init.ts";
import { parameter } from "./layers.ts";
import { Module, type Packable, type Parameter } from "./module.ts";
import { type Check, counts, flag, type Rules, settings, size, sizes } from "./options.ts";

interface WindowSettings {
  readonly stride?: PerAxis;
  readonly dilation?: PerAxis;
  /** Channels are cut into so many groups that do not see each other. */
  readonly groups?: number;
  readonly bias?: boolean;
}

export interface ConvLayerOptions extends WindowSettings {
  /** Elements around the image, one number or one per axis; "same" keeps the size at stride 1, "valid" is 0. */
  readonly padding?: PerAxis | "same" | "valid";
  /** What stands there. */
  readonly paddingMode?: "zeros" | "reflect" | "replicate" | "circular";
}

export interface ConvTransposeLayerOptions extends WindowSettings {
  /** Elements cut off around the result. */
  readonly padding?: PerAxis;
  /** More elements behind the result. */
  readonly outputPadding?: PerAxis;
  readonly paddingMode?: "zeros";
}

interface Arguments {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: PerAxis;
}

const padding: Check = (layer, name, value, axes) =>
  value === "same" || value === "valid" ? value : counts(layer, name, value, axes);

const common: Rules<Arguments & WindowSettings> = {
  inChannels: [size],
  outChannels: [size],
  kernelSize: [sizes],
  stride: [sizes, 1],
  dilation: [sizes, 1],
  groups: [size, 1],
  bias: [flag, true],
};
const convRules: Rules<Arguments & ConvLayerOptions> = {
  ...common,
  padding: [padding, 0],
  paddingMode: [["zeros", "reflect", "replicate", "circular"], "zeros"],
};
const transposeRules: Rules<Arguments & ConvTransposeLayerOptions> = {
  ...common,
  padding: [counts, 0],
  outputPadding: [counts, 0],
  paddingMode: [["zeros"], "zeros"],
};

/** The weight has one axis for each of the window's behind the two of channels. */
abstract class Windowed extends Module {
  declare readonly inChannels: number;
  declare readonly outChannels: number;
  declare readonly kernelSize: readonly number[];
  declare readonly stride: readonly number[];
  declare readonly dilation: readonly number[];
  declare readonly groups: number;
  weight: Parameter;
  bias: Parameter | null;

  constructor(args: Arguments, options: WindowSettings, transposed: boolean) {
    super();
    const layer = this.constructor.name;
    const rules: Rules<Arguments & WindowSettings> = transposed ? transposeRules : convRules;
    const { bias, ...fields } = settings(layer, { ...args }, options, rules, this.axes);
    const { inChannels, outChannels, groups } = fields;
    if (inChannels % groups !== 0 || outChannels % groups !== 0) {
      refuse(layer, "groups", `a divisor of ${inChannels} and ${outChannels} channels`, groups);
    }
    Object.assign(this, fields);
    if ((this as { padding?: unknown }).padding === "same" && this.stride.some((step) => step !== 1)) {
      refuse(layer, "stride", '1 for padding "same"', this.stride);
    }
    const channels = transposed ? [inChannels, outChannels / groups] : [outChannels, inChannels / groups];
    this.weight = parameter(...channels, ...this.kernelSize);
    this.bias = bias ? parameter(outChannels) : null;
    kaimingUniform_(this.weight, Math.sqrt(5));
    const bound = 1 / Math.sqrt(channels[1] * numel(this.kernelSize));
    if (this.bias !== null) uniform_(this.bias, -bound, bound);
  }

  /** How many axes an image has. */
  protected get axes(): number {
    return 1;
  }

  /** Windows over one channel are too few weights to round: they stay in f32. */
  override packable(): Packable | null {
    const { weight } = this;
    return weight.shape[1] === 1 ? null : { weight, transposed: true };
  }
}

/** Uniform in ±1/sqrt(inChannels / groups · kernel) at first. */
abstract class Conv extends Windowed {
  declare readonly padding: readonly number[] | "same" | "valid";
  declare readonly paddingMode: "zeros" | "reflect" | "replicate" | "circular";

  constructor(inChannels: number, outChannels: number, kernelSize: PerAxis, options: ConvLayerOptions = {}) {
    super({ inChannels, outChannels, kernelSize }, options, false);
  }

  protected abstract get run(): typeof conv1d;

  /** x (N, inChannels, …) or (inChannels, …) → (N, outChannels, …) */
  forward(x: Tensor): Tensor {
    const { weight, bias, stride, padding, dilation, groups, paddingMode } = this;
    const convolve = (input: Tensor, steps: ConvOptions): Tensor =>
      this.run(input, weight, bias, { stride, dilation, groups, ...steps });
    if (paddingMode === "zeros" || padding === "valid") return convolve(x, { padding });
    return scope(() => convolve(pad(x, this.#surround(), { mode: paddingMode }), {}));
  }

  /** Elements in front of and behind the last axis, the one before it, … */
  #surround(): number[] {
    const { padding, kernelSize, dilation } = this;
    const pairs = kernelSize.map((taps, axis): [number, number] => {
      if (typeof padding !== "string") return [padding[axis], padding[axis]];
      const total = dilation[axis] * (taps - 1);
      return [Math.floor(total / 2), Math.ceil(total / 2)];
    });
    return pairs.reverse().flat();
  }
}

abstract class ConvTranspose extends Windowed {
  declare readonly padding: readonly number[];
  declare readonly outputPadding: readonly number[];

  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: PerAxis,
    options: ConvTransposeLayerOptions = {},
  ) {
    super({ inChannels, outChannels, kernelSize }, options, true);
  }

  protected abstract get run(): typeof convTranspose1d;

  /** x (N, inChannels, …) or (inChannels, …) → (N, outChannels, …), its image of `outputSize` where that is given. */
  forward(x: Tensor, outputSize: readonly number[] | null = null): Tensor {
    const { weight, bias, stride, padding, dilation, groups } = this;
    const outputPadding = outputSize === null ? this.outputPadding : this.#missing(x, outputSize);
    return this.run(x, weight, bias, { stride, padding, outputPadding, dilation, groups });
  }

  /** What the smallest image lacks of one of `outputSize`. */
  #missing(x: Tensor, outputSize: readonly number[]): number[] {
    const { stride, padding, dilation, kernelSize, axes } = this;
    const layer = this.constructor.name;
    const image = tensorArgument(layer, "input", x).shape.slice(-axes);
    const wanted = perAxis(layer, "outputSize", outputSize?.slice?.(-axes), axes, 1);
    return wanted.map((to, i) => {
      const least = (image[i] - 1) * stride[i] - 2 * padding[i] + dilation[i] * (kernelSize[i] - 1) + 1;
      if (to >= least && to < least + stride[i]) return to - least;
      const range = `in ${least}…${least + stride[i] - 1} at axis ${i} for an image ${formatShape(image)}`;
      return refuse(layer, "outputSize", range, wanted);
    });
  }
}

export class Conv1d extends Conv {
  protected get run(): typeof conv1d {
    return conv1d;
  }
}

export class Conv2d extends Conv {
  protected override get axes(): number {
    return 2;
  }
  protected get run(): typeof conv1d {
    return conv2d;
  }
}

export class Conv3d extends Conv {
  protected override get axes(): number {
    return 3;
  }
  protected get run(): typeof conv1d {
    return conv3d;
  }
}

export class ConvTranspose1d extends ConvTranspose {
  protected get run(): typeof convTranspose1d {
    return convTranspose1d;
  }
}

export class ConvTranspose2d extends ConvTranspose {
  protected override get axes(): number {
    return 2;
  }
  protected get run(): typeof convTranspose1d {
    return convTranspose2d;
  }
}

export class ConvTranspose3d extends ConvTranspose {
  protected override get axes(): number {
    return 3;
  }
  protected get run(): typeof convTranspose1d {
    return convTranspose3d;
  }
}

interface PatchOptions {
  readonly dilation?: PerAxis;
  readonly padding?: PerAxis;
  readonly stride?: PerAxis;
}

const patchRules: Rules<PatchOptions> = { dilation: [sizes, 1], padding: [counts, 0], stride: [sizes, 1] };

/** (N, C, H, W) → (N, C · KH · KW, positions) */
export class Unfold extends defineLayer<
  PatchOptions & { kernelSize: PerAxis },
  [kernelSize: PerAxis, options?: PatchOptions]
>((x, m) => unfold(x, m.kernelSize, m), { kernelSize: [sizes], ...patchRules }, { positional: 1, axes: 2 }) {}

/** (N, C · KH · KW, positions) → (N, C, H, W), the sums of the patches. */
export class Fold extends defineLayer<
  PatchOptions & { outputSize: PerAxis; kernelSize: PerAxis },
  [outputSize: PerAxis, kernelSize: PerAxis, options?: PatchOptions]
>(
  (x, m) => fold(x, m.outputSize, m.kernelSize, m),
  { outputSize: [sizes], kernelSize: [sizes], ...patchRules },
  { positional: 2, axes: 2 },
) {}
