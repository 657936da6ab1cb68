// Normalisation per channel over the batch, and per channel of each image. Batch Normalization, arXiv 1502.03167;
// Instance Normalization, arXiv 1607.08022. torch.nn.functional.batch_norm, instance_norm

import { noGrad } from "../autograd/tape.ts";
import { scope } from "../scope.ts";
import { detach, type Tensor } from "../tensor.ts";
import { fail, numberArgument, optionsArgument, rangeArgument, refuse } from "./arguments.ts";
import { add, mul } from "./binary.ts";
import {
  type Affine,
  channelNorm,
  channelVectors,
  type Groups,
  momentsOf,
  planesOf,
  type Statistics,
} from "./channelNorm.ts";
import { clone, contiguous } from "./contiguous.ts";
import { copy_ } from "./inplace.ts";
import { mean as meanOf } from "./sum.ts";
import { rsqrt } from "./unary.ts";
import { reshape, transpose } from "./views.ts";

interface NormOptions {
  readonly weight?: Tensor | null;
  readonly bias?: Tensor | null;
  /** How much of the new statistics goes into the running ones. */
  readonly momentum?: number;
  readonly eps?: number;
}

export interface BatchNormOptions extends NormOptions {
  /** Whether the statistics are those of the input; the running ones are then updated in place. */
  readonly training?: boolean;
}

export interface InstanceNormOptions extends NormOptions {
  /** Updated in place with `useInputStats`, used without. */
  readonly runningMean?: Tensor | null;
  readonly runningVar?: Tensor | null;
  readonly useInputStats?: boolean;
}

interface Running {
  readonly runningMean: Tensor | null;
  readonly runningVar: Tensor | null;
}

interface Checked {
  readonly affine: Affine;
  readonly running: Running;
  readonly momentum: number;
  readonly eps: number;
}

function check(op: string, C: number, given: Running & NormOptions, ofInput: boolean): Checked {
  const { momentum = 0.1, eps = 1e-5, weight, bias, runningMean, runningVar } = given;
  const vectors = channelVectors(op, C, { weight, bias, runningMean, runningVar });
  numberArgument(op, "momentum", momentum);
  rangeArgument(op, "eps", eps, 0);
  if ((vectors.runningMean === null) !== (vectors.runningVar === null)) {
    fail("argument", `${op}: runningMean and runningVar come together or not at all`);
  }
  if (!ofInput && vectors.runningMean === null) {
    fail("argument", `${op}: without statistics of the input it needs the running ones`);
  }
  return { affine: vectors, running: vectors, momentum, eps };
}

function refuseSingle(op: string, x: Tensor, what: string): never {
  return refuse(op, "input", `of more than one ${what} for statistics`, x, "shape");
}

/** running = (1 − momentum) running + momentum fresh; the variance as that of a sample. */
function update({ runningMean, runningVar }: Running, fresh: Statistics, n: number, momentum: number): void {
  if (runningMean === null || runningVar === null) return;
  noGrad(() => {
    const blend = (running: Tensor, value: Tensor, factor: number): void => {
      copy_(running, add(mul(running, 1 - momentum), mul(value, factor)));
    };
    blend(runningMean, fresh.mean, momentum);
    blend(runningVar, fresh.variance, (momentum * n) / (n - 1));
  });
}

/** By the running statistics, which may change before a backward. */
function byRunning(x: Tensor, { N, C, S }: Pick<Groups, "N" | "C" | "S">, checked: Checked): Tensor {
  const { running, affine, eps } = checked;
  const groups = { N, C, S, share: 1, count: C };
  const [mean, rstd] = noGrad(() => [
    clone(detach(running.runningMean as Tensor)),
    rsqrt(add(detach(running.runningVar as Tensor), eps)),
  ]);
  return channelNorm(contiguous(x), groups, { mean, rstd }, affine, false);
}

/** Planes shorter than this are worth a transposition that makes one of all of a channel. */
const SHORT = 8;

function batchNormOfInput(x: Tensor, N: number, C: number, S: number, checked: Checked): Tensor {
  const { affine, running, momentum, eps } = checked;
  const short = S < SHORT && N > 1;
  const source = contiguous(short ? transpose(reshape(x, [N, C, S]), 0, 1) : x);
  const groups = short ? { N: 1, C, S: N * S, share: 1, count: C } : { N, C, S, share: 1, count: C };
  const fresh = momentsOf(detach(source), groups, eps);
  update(running, fresh, N * S, momentum);
  const y = channelNorm(source, groups, fresh, affine, true);
  return short ? reshape(transpose(y, 0, 1), x.shape) : y;
}

/**
 * Normalises (N, C, …) per channel: in training over the batch, updating the running statistics (C) in place, else by
 * those. torch.nn.functional.batch_norm
 */
export function batchNorm(
  x: Tensor,
  runningMean: Tensor | null,
  runningVar: Tensor | null,
  options: BatchNormOptions = {},
): Tensor {
  const op = "batchNorm";
  const { N, C, S } = planesOf(op, x);
  const { training = false, ...rest } = optionsArgument(op, options);
  const checked = check(op, C, { ...rest, runningMean, runningVar }, training === true);
  if (training && N * S === 1) refuseSingle(op, x, "value per channel");
  return scope(() => {
    if (!training || x.numel === 0) return unmeasured(x, { N, C, S }, checked, training === true);
    return batchNormOfInput(x, N, C, S, checked);
  });
}

/** Without statistics of x: by the running ones, or of no elements. */
function unmeasured(
  x: Tensor,
  planes: Pick<Groups, "N" | "C" | "S">,
  checked: Checked,
  ofInput: boolean,
): Tensor {
  if (!ofInput) return byRunning(x, planes, checked);
  const groups = { ...planes, share: 1, count: planes.C };
  const nothing = x.detach();
  return channelNorm(contiguous(x), groups, { mean: nothing, rstd: nothing }, checked.affine, true);
}

/**
 * Normalises each channel of each image of (N, C, …) by itself, or with `useInputStats` false by the running statistics.
 * torch.nn.functional.instance_norm
 */
export function instanceNorm(x: Tensor, options: InstanceNormOptions = {}): Tensor {
  const op = "instanceNorm";
  const { N, C, S } = planesOf(op, x);
  const {
    useInputStats = true,
    runningMean = null,
    runningVar = null,
    ...rest
  } = optionsArgument(op, options);
  const checked = check(op, C, { ...rest, runningMean, runningVar }, useInputStats !== false);
  if (useInputStats && S === 1) refuseSingle(op, x, "spatial element");
  return scope(() => {
    if (!useInputStats || x.numel === 0) return unmeasured(x, { N, C, S }, checked, useInputStats !== false);
    const source = contiguous(x);
    const groups = { N, C, S, share: 1, count: N * C };
    const fresh = momentsOf(detach(source), groups, checked.eps);
    const perChannel = (p: Tensor): Tensor => meanOf(reshape(p, [N, C]), 0);
    if (checked.running.runningMean !== null) {
      const { mean, variance, rstd } = fresh;
      update(
        checked.running,
        { mean: perChannel(mean), variance: perChannel(variance), rstd },
        S,
        checked.momentum,
      );
    }
    return channelNorm(source, groups, fresh, checked.affine, true);
  });
}
