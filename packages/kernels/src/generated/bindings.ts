// Generated from assembly/*.ts by `npm run gen`; do not edit. CI fails when it is stale.
/* biome-ignore-all format: generated */

declare const pointee: unique symbol;
/**
 * A byte address in the engine's memory, marked with what it points at; 0 where the kernel takes "absent".
 */
export type Pointer<T extends string = string> = (number & { readonly [pointee]: T }) | 0;
export type F32Ptr = Pointer<"F32">;
export type F64Ptr = Pointer<"F64">;
export type I32Ptr = Pointer<"I32">;
/** Bytes; a bool tensor is one byte per element, 0 or 1. */
export type U8Ptr = Pointer<"U8">;
/** Memory whose element type the kernel does not look at. */
export type BytePtr = Pointer;
/**
 * A layout descriptor: i32 words that describe one iteration space and the strides of P operands, output
 * first. Word 0: R, the number of leading axes; word 1: N, the length of the last axis; words 2 .. 2+R:
 * leading sizes; then for each operand its R leading strides and its last-axis stride. Strides may be 0
 * (broadcast) or negative. The flat index i is row-major: row = i / N, column = i % N.
 */
export type LayoutPtr = Pointer<"Layout">;
/**
 * A window that slides over the image of one group: i32 words. Groups; channels, depth, height, width of the
 * image; channels, depth, height, width of the grid of its positions; then three words (depth, height, width)
 * each of the window's size, stride, padding before the image, dilation. Image and grid are dense, item by
 * item (batch x groups), channel by channel.
 */
export type WindowPtr = Pointer<"Window">;
/**
 * The operands of an attention: i32 words. Items B, heads H of queries, heads G of keys and values (each serves H / G
 * neighbouring heads of queries), queries T, keys S, features D of q and k, N of v and y; past (query t sees keys
 * 0 ... past + t; -1: all), masking (0 none, 1 bytes of which 0 hides a key, 2 f32 added to the scaled scores). Then two
 * f32: a cap (scaled scores become cap * tanh(score / cap) before masks; 0: none) and the probability with which a weight
 * is dropped; the seed and stream of its random numbers, two words each: the weights (B, H, T, S) are dropped as
 * dropout_f32 drops. Then four strides (item, head, position, feature) each of y, q,
 * k, v, mask, dy, dq, dk, dv.
 */
export type AttentionPtr = Pointer<"Attention">;
/** Scratch of one thread, 64-byte aligned; its contents mean nothing before and after the call. */
export type WorkPtr = Pointer<"Work">;
/** How many elements, rows, columns … */
export type Count = number;
/** Distance between neighbours along an axis. */
export type Stride = number;
/** A position; `begin` and `end` are positions in the units of work that a kernel's comment names. */
export type Index = number;
/** 0 or 1. `acc`: 0 writes the output, 1 adds to what is there. */
export type Flag = number;

/** Every kernel of the wasm module. */
export interface Kernels {
  /** Hash of the exported signatures; equal to `ABI_HASH` of the bindings that fit this module. */
  abi_hash(): number;
  /** 1 if multiply-adds are fused where the machine can (the relaxed build), 0 in the plain build. */
  abi_relaxed(): Flag;
  /** Units of attention_f32: blocks of queries, head by head. */
  attention_units_f32(shape: AttentionPtr): number;
  /** Bytes of `work` of attention_f32: keys and values of one head, and a block of queries. */
  attention_work_f32(shape: AttentionPtr): number;
  /**
   * y = dropout(softmax(cap(scale q k^T) + mask)) v, 0 for a query that sees no key. kept (2, B, H, T), if not 0, gets
   * what the backward needs: maxima of the scores in units of ln 2, then 1 / sums of 2^(score - maximum). The places of y,
   * q, k, v and mask are read. y overlaps no input.
   * Units: attention_units_f32(shape).
   */
  attention_f32(
    y: F32Ptr,
    kept: F32Ptr,
    q: F32Ptr,
    k: F32Ptr,
    v: F32Ptr,
    mask: U8Ptr,
    shape: AttentionPtr,
    scale: number,
    work: WorkPtr,
    begin: Index,
    end: Index,
  ): void;
  /** Units of attention_backward_f32: heads of keys and values. */
  attention_backward_units_f32(shape: AttentionPtr): number;
  /** Bytes of `work` of attention_backward_f32: one head of keys, values and their gradients, a block of queries. */
  attention_backward_work_f32(shape: AttentionPtr): number;
  /**
   * dq, dk and dv (each 0: not wanted; added to if its bit of acc is set: 1, 2, 4) of what attention_f32 computed, from
   * the gradient dy of y. y and kept as it left them. No output overlaps an input.
   * Units: attention_backward_units_f32(shape).
   */
  attention_backward_f32(
    dq: F32Ptr,
    dk: F32Ptr,
    dv: F32Ptr,
    dy: F32Ptr,
    y: F32Ptr,
    kept: F32Ptr,
    q: F32Ptr,
    k: F32Ptr,
    v: F32Ptr,
    mask: U8Ptr,
    shape: AttentionPtr,
    scale: number,
    acc: number,
    work: WorkPtr,
    begin: Index,
    end: Index,
  ): void;
  /**
   * Mean, biased variance and rstd = 1 / sqrt(variance + eps) of groups: group g is `runs` runs of `length` elements,
   * the first at x + g * step, the others `run_step` elements apart. In two passes with the correction of norm.ts.
   * Units: groups.
   */
  group_moments_f32(
    mean: F32Ptr,
    variance: F32Ptr,
    rstd: F32Ptr,
    x: F32Ptr,
    step: Stride,
    runs: Count,
    run_step: Stride,
    length: Count,
    eps: number,
    begin: Index,
    end: Index,
  ): void;
  /**
   * y = (x - mean) * rstd * weight + bias; x, y dense (N, C, S), mean, rstd (groups), weight, bias (C) or 0: 1 and 0.
   * Units: planes.
   */
  channel_norm_f32(
    y: F32Ptr,
    x: F32Ptr,
    mean: F32Ptr,
    rstd: F32Ptr,
    weight: F32Ptr,
    bias: F32Ptr,
    C: Count,
    S: Count,
    share: Count,
    groups: Count,
    begin: Index,
    end: Index,
  ): void;
  /** total = sum of dy, cross = sum of dy * xhat over each plane (N*C), xhat = (x - mean) * rstd. Units: planes. */
  channel_norm_sums_f32(
    total: F32Ptr,
    cross: F32Ptr,
    dy: F32Ptr,
    x: F32Ptr,
    mean: F32Ptr,
    rstd: F32Ptr,
    S: Count,
    share: Count,
    groups: Count,
    begin: Index,
    end: Index,
  ): void;
  /**
   * dx = rstd * (dy * weight - a - xhat * b) (+ dx if acc); a, b (groups) are the averages over the group of dy * weight and
   * dy * weight * xhat, or 0 where mean and rstd are constants. The rest as above. Units: planes.
   */
  channel_norm_backward_f32(
    dx: F32Ptr,
    dy: F32Ptr,
    x: F32Ptr,
    mean: F32Ptr,
    rstd: F32Ptr,
    weight: F32Ptr,
    a: F32Ptr,
    b: F32Ptr,
    C: Count,
    S: Count,
    share: Count,
    groups: Count,
    acc: Flag,
    begin: Index,
    end: Index,
  ): void;
  /** Units of conv_f32: blocks of positions of each group of each image. */
  conv_units_f32(window: WindowPtr, N: Count): number;
  /** Bytes of `work` of conv_f32. Unsigned. */
  conv_work_f32(window: WindowPtr): number;
  /**
   * y (N, groups * O, positions) = weight (groups * O, K) times the patches of x (N, groups * C, ...), plus bias
   * (groups * O) or 0. Units: conv_units_f32(window, N).
   */
  conv_f32(
    y: F32Ptr,
    x: F32Ptr,
    weight: F32Ptr,
    bias: F32Ptr,
    window: WindowPtr,
    work: WorkPtr,
    begin: Index,
    end: Index,
  ): void;
  /** Units of conv_input_f32: blocks of channels of each group of each image. */
  conv_input_units_f32(window: WindowPtr, N: Count): number;
  /** Bytes of `work` of conv_input_f32. Unsigned. */
  conv_input_work_f32(window: WindowPtr): number;
  /**
   * dx (N, groups * C, ...) = bias (groups * C) or 0, plus the patches weight^T dy, each where it came from; dy
   * (N, groups * O, positions). Patches of one channel are added block by block, tap by tap.
   * Units: conv_input_units_f32(window, N).
   */
  conv_input_f32(
    dx: F32Ptr,
    dy: F32Ptr,
    weight: F32Ptr,
    bias: F32Ptr,
    window: WindowPtr,
    work: WorkPtr,
    begin: Index,
    end: Index,
  ): void;
  /** Units of conv_weight_f32: strips of columns of each group. */
  conv_weight_units_f32(window: WindowPtr): number;
  /** Bytes of `work` of conv_weight_f32. Unsigned. */
  conv_weight_work_f32(window: WindowPtr): number;
  /**
   * dW (groups * O, K) = dy (N, groups * O, positions) times the transposed patches of x (N, groups * C, ...),
   * summed over images and blocks of positions in order; N > 0. Units: conv_weight_units_f32(window).
   */
  conv_weight_f32(
    dW: F32Ptr,
    x: F32Ptr,
    dy: F32Ptr,
    window: WindowPtr,
    N: Count,
    work: WorkPtr,
    begin: Index,
    end: Index,
  ): void;
  /** Bytes of scratch for ctc_f32 and ctc_backward_f32 of up to T frames and S labels. */
  ctc_work_f32(T: Count, S: Count): number;
  /**
   * loss[n] = -log p(labels of n | log_probs of n). log_probs: N items n_step apart, frames t_step apart, classes dense; labels
   * of item n start at labels[starts[n]], label_lengths[n] of them; frames[n] of its frames count. Units: items.
   */
  ctc_f32(
    loss: F32Ptr,
    log_probs: F32Ptr,
    labels: I32Ptr,
    starts: I32Ptr,
    label_lengths: I32Ptr,
    frames: I32Ptr,
    n_step: Stride,
    t_step: Stride,
    blank: number,
    work: WorkPtr,
    begin: Index,
    end: Index,
  ): void;
  /**
   * dlog_probs[n, t] = dloss[n] (e^log_probs - the probability that frame t shows each class) (+ dlog_probs if acc), which is
   * PyTorch's gradient: that of unnormalised log_probs after a log-softmax. 0 behind the frames of an item, and all of it where
   * the loss is infinite and zero_infinity. dlog_probs: T frames d_t_step apart, items d_n_step. Units: items.
   */
  ctc_backward_f32(
    dlog_probs: F32Ptr,
    dloss: F32Ptr,
    log_probs: F32Ptr,
    labels: I32Ptr,
    starts: I32Ptr,
    label_lengths: I32Ptr,
    frames: I32Ptr,
    T: Count,
    C: Count,
    n_step: Stride,
    t_step: Stride,
    d_n_step: Stride,
    d_t_step: Stride,
    blank: number,
    zero_infinity: Flag,
    acc: Flag,
    work: WorkPtr,
    begin: Index,
    end: Index,
  ): void;
  /**
   * y[i] = x[0] + … + x[i] (+ y[i] if acc) along each line of N elements, or x[i] + … + x[N-1] if `reverse`, which is the
   * gradient. lines: operands y, x, one element per line; y_step, x_step: along a line. y may be x. Units: lines.
   */
  cumsum_f32(
    y: F32Ptr,
    x: F32Ptr,
    lines: LayoutPtr,
    N: Count,
    y_step: Stride,
    x_step: Stride,
    reverse: Flag,
    acc: Flag,
    begin: Index,
    end: Index,
  ): void;
  /** y[i] = x[0] + … + x[i] along each line, wrapping at 32 bits; arguments as cumsum_f32. Units: lines. */
  cumsum_i32(
    y: I32Ptr,
    x: I32Ptr,
    lines: LayoutPtr,
    N: Count,
    y_step: Stride,
    x_step: Stride,
    begin: Index,
    end: Index,
  ): void;
  /** Bytes of `work` of depthwise_f32. Unsigned. */
  depthwise_work_f32(window: WindowPtr): number;
  /**
   * y (N, groups * O, OH, OW) = weight (groups * O, 1, KH, KW) over x (N, groups, H, W), plus bias (groups * O) or
   * 0. Units: planes of y.
   */
  depthwise_f32(
    y: F32Ptr,
    x: F32Ptr,
    weight: F32Ptr,
    bias: F32Ptr,
    window: WindowPtr,
    work: WorkPtr,
    begin: Index,
    end: Index,
  ): void;
  /**
   * dx (N, groups, H, W) = bias (groups) or 0, plus what dy (N, groups * O, OH, OW) says of each element through
   * the weight (groups * O, 1, KH, KW). work: KH * KW words, then H + (KH - 1) * dilation rows of
   * W + (KW - 1) * dilation columns, and 16 elements more. Units: planes of dx.
   */
  depthwise_input_f32(
    dx: F32Ptr,
    dy: F32Ptr,
    weight: F32Ptr,
    bias: F32Ptr,
    window: WindowPtr,
    work: WorkPtr,
    begin: Index,
    end: Index,
  ): void;
  /** Bytes of `work` of depthwise_weight_f32. Unsigned. */
  depthwise_weight_work_f32(window: WindowPtr): number;
  /**
   * dW (groups * O, taps) = the products of dy (N, groups * O, positions) with what each tap meets in
   * x (N, groups, ...), summed in f64. Units: groups * O.
   */
  depthwise_weight_f32(
    dW: F32Ptr,
    x: F32Ptr,
    dy: F32Ptr,
    window: WindowPtr,
    N: Count,
    work: WorkPtr,
    begin: Index,
    end: Index,
  ): void;
  /** out = min(max(x, low), high); NaN if any is. */
  clamp_f32(
    out: F32Ptr,
    x: F32Ptr,
    layout: LayoutPtr,
    low: number,
    high: number,
    begin: Index,
    end: Index,
  ): void;
  /** out = x > 0 ? x : slope x. */
  leaky_relu_f32(out: F32Ptr, x: F32Ptr, layout: LayoutPtr, slope: number, begin: Index, end: Index): void;
  /** out = x <= limit ? value : x. */
  threshold_f32(
    out: F32Ptr,
    x: F32Ptr,
    layout: LayoutPtr,
    limit: number,
    value: number,
    begin: Index,
    end: Index,
  ): void;
  /** out = min(max(x + 3, 0), 6) / 6. */
  hard_sigmoid_f32(out: F32Ptr, x: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void;
  /** out = x min(max(x + 3, 0), 6) / 6. */
  hard_swish_f32(out: F32Ptr, x: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void;
  /** out = x moved toward 0 by width, 0 within it. */
  soft_shrink_f32(out: F32Ptr, x: F32Ptr, layout: LayoutPtr, width: number, begin: Index, end: Index): void;
  /** out = |x| <= width ? 0 : x. */
  hard_shrink_f32(out: F32Ptr, x: F32Ptr, layout: LayoutPtr, width: number, begin: Index, end: Index): void;
  /** out = x <= 0 ? low (e^(rate x) - 1) : high x. */
  elu_f32(
    out: F32Ptr,
    x: F32Ptr,
    layout: LayoutPtr,
    low: number,
    high: number,
    rate: number,
    begin: Index,
    end: Index,
  ): void;
  /** out = ln(1 + e^(beta x)) / beta; x where beta x > limit. */
  softplus_f32(
    out: F32Ptr,
    x: F32Ptr,
    layout: LayoutPtr,
    beta: number,
    limit: number,
    begin: Index,
    end: Index,
  ): void;
  /** out = x tanh(ln(1 + e^x)). */
  mish_f32(out: F32Ptr, x: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void;
  /** dx = low <= x <= high ? slope dy : 0. */
  inside_backward_f32(
    dx: F32Ptr,
    dy: F32Ptr,
    x: F32Ptr,
    layout: LayoutPtr,
    low: number,
    high: number,
    slope: number,
    acc: Flag,
    begin: Index,
    end: Index,
  ): void;
  /** dx = x <= low or x >= high ? 0 : dy. */
  between_backward_f32(
    dx: F32Ptr,
    dy: F32Ptr,
    x: F32Ptr,
    layout: LayoutPtr,
    low: number,
    high: number,
    acc: Flag,
    begin: Index,
    end: Index,
  ): void;
  /** dx = x > 0 ? dy : slope dy. */
  leaky_relu_backward_f32(
    dx: F32Ptr,
    dy: F32Ptr,
    x: F32Ptr,
    layout: LayoutPtr,
    slope: number,
    acc: Flag,
    begin: Index,
    end: Index,
  ): void;
  /** dx = x <= -3 ? 0 : x < 3 ? dy (x/3 + 1/2) : dy. */
  hard_swish_backward_f32(
    dx: F32Ptr,
    dy: F32Ptr,
    x: F32Ptr,
    layout: LayoutPtr,
    acc: Flag,
    begin: Index,
    end: Index,
  ): void;
  /** dx = x <= 0 ? dy low rate e^(rate x) : dy high. */
  elu_backward_f32(
    dx: F32Ptr,
    dy: F32Ptr,
    x: F32Ptr,
    layout: LayoutPtr,
    low: number,
    high: number,
    rate: number,
    acc: Flag,
    begin: Index,
    end: Index,
  ): void;
  /** dx = dy sigmoid(beta x); dy where beta x > limit. */
  softplus_backward_f32(
    dx: F32Ptr,
    dy: F32Ptr,
    x: F32Ptr,
    layout: LayoutPtr,
    beta: number,
    limit: number,
    acc: Flag,
    begin: Index,
    end: Index,
  ): void;
  /** dx = dy (t + x (1 - t^2) sigmoid(x)), t = tanh(ln(1 + e^x)). */
  mish_backward_f32(
    dx: F32Ptr,
    dy: F32Ptr,
    x: F32Ptr,
    layout: LayoutPtr,
    acc: Flag,
    begin: Index,
    end: Index,
  ): void;
  /** out = a^b for which = 0, its derivative by a for 1, by b for 2. */
  pow_f32(
    out: F32Ptr,
    a: F32Ptr,
    b: F32Ptr,
    layout: LayoutPtr,
    which: number,
    acc: Flag,
    begin: Index,
    end: Index,
  ): void;
  /** out = the exact remainder of a / b with the sign of a for which = 0, of b for 1; floor(a / b) for 2. */
  modulo_f32(
    out: F32Ptr,
    a: F32Ptr,
    b: F32Ptr,
    layout: LayoutPtr,
    which: number,
    acc: Flag,
    begin: Index,
    end: Index,
  ): void;
  /** out = the angle of the point (b, a). */
  atan2_f32(out: F32Ptr, a: F32Ptr, b: F32Ptr, layout: LayoutPtr, acc: Flag, begin: Index, end: Index): void;
  /** out = b / (a^2 + b^2), the derivative of atan2 by a; 0 at the origin. */
  atan2_slope_f32(
    out: F32Ptr,
    a: F32Ptr,
    b: F32Ptr,
    layout: LayoutPtr,
    acc: Flag,
    begin: Index,
    end: Index,
  ): void;
  /** out = a^b, wrapping; cut to a whole number where b < 0. */
  pow_i32(out: I32Ptr, a: I32Ptr, b: I32Ptr, layout: LayoutPtr, acc: Flag, begin: Index, end: Index): void;
  /** out as of modulo_f32; b is nowhere 0. */
  modulo_i32(
    out: I32Ptr,
    a: I32Ptr,
    b: I32Ptr,
    layout: LayoutPtr,
    which: number,
    acc: Flag,
    begin: Index,
    end: Index,
  ): void;
  /** out = -t ln x - (1 - t) ln(1 - x) with logarithms >= -100 for which = 0, its derivative by x for 1. */
  probability_loss_f32(
    out: F32Ptr,
    x: F32Ptr,
    t: F32Ptr,
    layout: LayoutPtr,
    which: number,
    acc: Flag,
    begin: Index,
    end: Index,
  ): void;
  /** out = the same of the probability 1 / (1 + e^-x). */
  logit_loss_f32(
    out: F32Ptr,
    x: F32Ptr,
    t: F32Ptr,
    layout: LayoutPtr,
    acc: Flag,
    begin: Index,
    end: Index,
  ): void;
  /** out = a + b. */
  add_f32(out: F32Ptr, a: F32Ptr, b: F32Ptr, layout: LayoutPtr, acc: Flag, begin: Index, end: Index): void;
  /** out = a - b. */
  sub_f32(out: F32Ptr, a: F32Ptr, b: F32Ptr, layout: LayoutPtr, acc: Flag, begin: Index, end: Index): void;
  /** out = a * b. */
  mul_f32(out: F32Ptr, a: F32Ptr, b: F32Ptr, layout: LayoutPtr, acc: Flag, begin: Index, end: Index): void;
  /** out = a / b. */
  div_f32(out: F32Ptr, a: F32Ptr, b: F32Ptr, layout: LayoutPtr, acc: Flag, begin: Index, end: Index): void;
  /** out = the larger; NaN if either is. */
  maximum_f32(
    out: F32Ptr,
    a: F32Ptr,
    b: F32Ptr,
    layout: LayoutPtr,
    acc: Flag,
    begin: Index,
    end: Index,
  ): void;
  /** out = the smaller; NaN if either is. */
  minimum_f32(
    out: F32Ptr,
    a: F32Ptr,
    b: F32Ptr,
    layout: LayoutPtr,
    acc: Flag,
    begin: Index,
    end: Index,
  ): void;
  /** out = a + b, wrapping. */
  add_i32(out: I32Ptr, a: I32Ptr, b: I32Ptr, layout: LayoutPtr, acc: Flag, begin: Index, end: Index): void;
  /** out = a - b, wrapping. */
  sub_i32(out: I32Ptr, a: I32Ptr, b: I32Ptr, layout: LayoutPtr, acc: Flag, begin: Index, end: Index): void;
  /** out = a * b, wrapping. */
  mul_i32(out: I32Ptr, a: I32Ptr, b: I32Ptr, layout: LayoutPtr, acc: Flag, begin: Index, end: Index): void;
  /** out = the larger. */
  maximum_i32(
    out: I32Ptr,
    a: I32Ptr,
    b: I32Ptr,
    layout: LayoutPtr,
    acc: Flag,
    begin: Index,
    end: Index,
  ): void;
  /** out = the smaller. */
  minimum_i32(
    out: I32Ptr,
    a: I32Ptr,
    b: I32Ptr,
    layout: LayoutPtr,
    acc: Flag,
    begin: Index,
    end: Index,
  ): void;
  /** out = a == b; false for NaN. */
  eq_f32(out: U8Ptr, a: F32Ptr, b: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void;
  /** out = a != b; true for NaN. */
  ne_f32(out: U8Ptr, a: F32Ptr, b: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void;
  /** out = a < b; false for NaN. */
  lt_f32(out: U8Ptr, a: F32Ptr, b: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void;
  /** out = a <= b; false for NaN. */
  le_f32(out: U8Ptr, a: F32Ptr, b: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void;
  /** out = a > b; false for NaN. */
  gt_f32(out: U8Ptr, a: F32Ptr, b: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void;
  /** out = a >= b; false for NaN. */
  ge_f32(out: U8Ptr, a: F32Ptr, b: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void;
  /** out = a == b. */
  eq_i32(out: U8Ptr, a: I32Ptr, b: I32Ptr, layout: LayoutPtr, begin: Index, end: Index): void;
  /** out = a != b. */
  ne_i32(out: U8Ptr, a: I32Ptr, b: I32Ptr, layout: LayoutPtr, begin: Index, end: Index): void;
  /** out = a < b. */
  lt_i32(out: U8Ptr, a: I32Ptr, b: I32Ptr, layout: LayoutPtr, begin: Index, end: Index): void;
  /** out = a <= b. */
  le_i32(out: U8Ptr, a: I32Ptr, b: I32Ptr, layout: LayoutPtr, begin: Index, end: Index): void;
  /** out = a > b. */
  gt_i32(out: U8Ptr, a: I32Ptr, b: I32Ptr, layout: LayoutPtr, begin: Index, end: Index): void;
  /** out = a >= b. */
  ge_i32(out: U8Ptr, a: I32Ptr, b: I32Ptr, layout: LayoutPtr, begin: Index, end: Index): void;
  /** out = a and b. out may be a or b when their strides are the same. */
  and_bool(out: U8Ptr, a: U8Ptr, b: U8Ptr, layout: LayoutPtr, begin: Index, end: Index): void;
  /** out = a or b. out may be a or b when their strides are the same. */
  or_bool(out: U8Ptr, a: U8Ptr, b: U8Ptr, layout: LayoutPtr, begin: Index, end: Index): void;
  /** out = either a or b. out may be a or b when their strides are the same. */
  xor_bool(out: U8Ptr, a: U8Ptr, b: U8Ptr, layout: LayoutPtr, begin: Index, end: Index): void;
  /** out = not a. out may be a when their strides are the same. */
  not_bool(out: U8Ptr, a: U8Ptr, layout: LayoutPtr, begin: Index, end: Index): void;
  /** out = cond ? a : b; acc = 1 adds to out. out may be a or b when their strides are the same. */
  where_f32(
    out: F32Ptr,
    cond: U8Ptr,
    a: F32Ptr,
    b: F32Ptr,
    layout: LayoutPtr,
    acc: Flag,
    begin: Index,
    end: Index,
  ): void;
  /** out = cond ? a : b. out may be a or b when their strides are the same. */
  where_i32(
    out: I32Ptr,
    cond: U8Ptr,
    a: I32Ptr,
    b: I32Ptr,
    layout: LayoutPtr,
    begin: Index,
    end: Index,
  ): void;
  /** out = x, bit copies of 4-byte elements; transposes go block by block. out and x do not overlap. */
  copy_b4(out: BytePtr, x: BytePtr, layout: LayoutPtr, begin: Index, end: Index): void;
  /** out = x, bit copies of bytes. out and x do not overlap. */
  copy_b1(out: BytePtr, x: BytePtr, layout: LayoutPtr, begin: Index, end: Index): void;
  /** out = bits, 4-byte elements. Layout operand: out. */
  fill_b4(out: BytePtr, layout: LayoutPtr, bits: number, begin: Index, end: Index): void;
  /** out = the low byte of bits. Layout operand: out. */
  fill_b1(out: BytePtr, layout: LayoutPtr, bits: number, begin: Index, end: Index): void;
  /** out = f32(x), rounded to nearest even. */
  cast_i32_f32(out: F32Ptr, x: I32Ptr, layout: LayoutPtr, begin: Index, end: Index): void;
  /** out = i32(x): truncates; saturates beyond the range of i32; 0 for NaN. */
  cast_f32_i32(out: I32Ptr, x: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void;
  /** out = f32(x) of bytes 0 … 255. */
  cast_u8_f32(out: F32Ptr, x: U8Ptr, layout: LayoutPtr, begin: Index, end: Index): void;
  /** out = i32(x) of bytes 0 … 255. */
  cast_u8_i32(out: I32Ptr, x: U8Ptr, layout: LayoutPtr, begin: Index, end: Index): void;
  /** out = x != 0 as 0 or 1; NaN is 1. */
  cast_f32_u8(out: U8Ptr, x: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void;
  /** out = x != 0 as 0 or 1. */
  cast_i32_u8(out: U8Ptr, x: I32Ptr, layout: LayoutPtr, begin: Index, end: Index): void;
  /** out = e^(rate x) - one. */
  exponential_f32(
    out: F32Ptr,
    x: F32Ptr,
    layout: LayoutPtr,
    rate: number,
    one: number,
    begin: Index,
    end: Index,
  ): void;
  /** out = unit ln(x + shift), shift 0 or 1. */
  logarithm_f32(
    out: F32Ptr,
    x: F32Ptr,
    layout: LayoutPtr,
    shift: number,
    unit: number,
    begin: Index,
    end: Index,
  ): void;
  /** out = sinh x for other = 1, one = 0; cosh x for other = -1, one = 1. */
  hyperbolic_f32(
    out: F32Ptr,
    x: F32Ptr,
    layout: LayoutPtr,
    other: number,
    one: number,
    begin: Index,
    end: Index,
  ): void;
  /** out = 1 - erf x, without its cancellation. */
  erfc_f32(out: F32Ptr, x: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void;
  /** out = tan x. */
  tan_f32(out: F32Ptr, x: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void;
  /** out = factor times asinh x for which = 0, acosh x for 1, twice atanh x for 2; NaN where there is none. */
  area_f32(
    out: F32Ptr,
    x: F32Ptr,
    layout: LayoutPtr,
    which: number,
    factor: number,
    begin: Index,
    end: Index,
  ): void;
  /** out = asin x for which = 0, acos x for 1, atan x for 2; NaN where there is none. */
  arc_f32(out: F32Ptr, x: F32Ptr, layout: LayoutPtr, which: number, begin: Index, end: Index): void;
  /** dx = dy rate (y + one). */
  exponential_backward_f32(
    dx: F32Ptr,
    dy: F32Ptr,
    y: F32Ptr,
    layout: LayoutPtr,
    rate: number,
    one: number,
    acc: Flag,
    begin: Index,
    end: Index,
  ): void;
  /** dx = dy unit / (x + shift). */
  logarithm_backward_f32(
    dx: F32Ptr,
    dy: F32Ptr,
    x: F32Ptr,
    layout: LayoutPtr,
    shift: number,
    unit: number,
    acc: Flag,
    begin: Index,
    end: Index,
  ): void;
  /** dx = dy (1 + y^2). */
  tan_backward_f32(
    dx: F32Ptr,
    dy: F32Ptr,
    y: F32Ptr,
    layout: LayoutPtr,
    acc: Flag,
    begin: Index,
    end: Index,
  ): void;
  /** dx = dy / (constant + square x^2). */
  ratio_backward_f32(
    dx: F32Ptr,
    dy: F32Ptr,
    x: F32Ptr,
    layout: LayoutPtr,
    constant: number,
    square: number,
    acc: Flag,
    begin: Index,
    end: Index,
  ): void;
  /** dx = sign dy / sqrt(constant + square x^2). */
  root_backward_f32(
    dx: F32Ptr,
    dy: F32Ptr,
    x: F32Ptr,
    layout: LayoutPtr,
    constant: number,
    square: number,
    sign: number,
    acc: Flag,
    begin: Index,
    end: Index,
  ): void;
  /** out = a multiple of down / up: the nearest for which = 0, ties to even; below for 1, above for 2, toward 0 for 3. */
  round_f32(
    out: F32Ptr,
    x: F32Ptr,
    layout: LayoutPtr,
    up: number,
    down: number,
    which: number,
    begin: Index,
    end: Index,
  ): void;
  /** out = x - trunc(x). */
  frac_f32(out: F32Ptr, x: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void;
  /** out = 1, 0 or -1; 0 for NaN. */
  sign_f32(out: F32Ptr, x: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void;
  /** out = -x. */
  neg_f32(out: F32Ptr, x: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void;
  /** out = |x|. */
  abs_f32(out: F32Ptr, x: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void;
  /** out = e^x. */
  exp_f32(out: F32Ptr, x: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void;
  /** out = ln x; -Infinity at 0, NaN below. */
  log_f32(out: F32Ptr, x: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void;
  /** out = sqrt(x). */
  sqrt_f32(out: F32Ptr, x: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void;
  /** out = 1 / sqrt(x). */
  rsqrt_f32(out: F32Ptr, x: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void;
  /** out = 1 / x. */
  reciprocal_f32(out: F32Ptr, x: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void;
  /** out = x * x. */
  square_f32(out: F32Ptr, x: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void;
  /** out = sin x. */
  sin_f32(out: F32Ptr, x: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void;
  /** out = cos x. */
  cos_f32(out: F32Ptr, x: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void;
  /** out = tanh x. */
  tanh_f32(out: F32Ptr, x: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void;
  /** out = erf x. */
  erf_f32(out: F32Ptr, x: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void;
  /** out = 1 / (1 + e^-x). */
  sigmoid_f32(out: F32Ptr, x: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void;
  /** out = max(x, 0), NaN stays. */
  relu_f32(out: F32Ptr, x: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void;
  /** out = x / (1 + e^-x). */
  silu_f32(out: F32Ptr, x: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void;
  /** out = x * Phi(x), erfc form. */
  gelu_f32(out: F32Ptr, x: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void;
  /** out = 0.5 x (1 + tanh(sqrt(2/pi)(x + 0.044715 x^3))). */
  gelu_tanh_f32(out: F32Ptr, x: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void;
  /** dx = dy * y. */
  exp_backward_f32(
    dx: F32Ptr,
    dy: F32Ptr,
    y: F32Ptr,
    layout: LayoutPtr,
    acc: Flag,
    begin: Index,
    end: Index,
  ): void;
  /** dx = dy / x. */
  log_backward_f32(
    dx: F32Ptr,
    dy: F32Ptr,
    x: F32Ptr,
    layout: LayoutPtr,
    acc: Flag,
    begin: Index,
    end: Index,
  ): void;
  /** dx = dy / (2 y). */
  sqrt_backward_f32(
    dx: F32Ptr,
    dy: F32Ptr,
    y: F32Ptr,
    layout: LayoutPtr,
    acc: Flag,
    begin: Index,
    end: Index,
  ): void;
  /** dx = -dy y^3 / 2. */
  rsqrt_backward_f32(
    dx: F32Ptr,
    dy: F32Ptr,
    y: F32Ptr,
    layout: LayoutPtr,
    acc: Flag,
    begin: Index,
    end: Index,
  ): void;
  /** dx = -dy y^2. */
  reciprocal_backward_f32(
    dx: F32Ptr,
    dy: F32Ptr,
    y: F32Ptr,
    layout: LayoutPtr,
    acc: Flag,
    begin: Index,
    end: Index,
  ): void;
  /** dx = 2 x dy. */
  square_backward_f32(
    dx: F32Ptr,
    dy: F32Ptr,
    x: F32Ptr,
    layout: LayoutPtr,
    acc: Flag,
    begin: Index,
    end: Index,
  ): void;
  /** dx = dy cos x. */
  sin_backward_f32(
    dx: F32Ptr,
    dy: F32Ptr,
    x: F32Ptr,
    layout: LayoutPtr,
    acc: Flag,
    begin: Index,
    end: Index,
  ): void;
  /** dx = -dy sin x. */
  cos_backward_f32(
    dx: F32Ptr,
    dy: F32Ptr,
    x: F32Ptr,
    layout: LayoutPtr,
    acc: Flag,
    begin: Index,
    end: Index,
  ): void;
  /** dx = dy (1 - y^2). */
  tanh_backward_f32(
    dx: F32Ptr,
    dy: F32Ptr,
    y: F32Ptr,
    layout: LayoutPtr,
    acc: Flag,
    begin: Index,
    end: Index,
  ): void;
  /** dx = dy 2/sqrt(pi) e^(-x^2). */
  erf_backward_f32(
    dx: F32Ptr,
    dy: F32Ptr,
    x: F32Ptr,
    layout: LayoutPtr,
    acc: Flag,
    begin: Index,
    end: Index,
  ): void;
  /** dx = dy y (1 - y). */
  sigmoid_backward_f32(
    dx: F32Ptr,
    dy: F32Ptr,
    y: F32Ptr,
    layout: LayoutPtr,
    acc: Flag,
    begin: Index,
    end: Index,
  ): void;
  /** dx = y <= 0 ? 0 : dy. */
  relu_backward_f32(
    dx: F32Ptr,
    dy: F32Ptr,
    y: F32Ptr,
    layout: LayoutPtr,
    acc: Flag,
    begin: Index,
    end: Index,
  ): void;
  /** dx = dy (s + x s (1 - s)), s = sigmoid(x). */
  silu_backward_f32(
    dx: F32Ptr,
    dy: F32Ptr,
    x: F32Ptr,
    layout: LayoutPtr,
    acc: Flag,
    begin: Index,
    end: Index,
  ): void;
  /** dx = dy (Phi(x) + x phi(x)). */
  gelu_backward_f32(
    dx: F32Ptr,
    dy: F32Ptr,
    x: F32Ptr,
    layout: LayoutPtr,
    acc: Flag,
    begin: Index,
    end: Index,
  ): void;
  /** dx = dy (s + x z' s (1 - s)), s = sigmoid(z), z = 2 sqrt(2/pi)(x + 0.044715 x^3). */
  gelu_tanh_backward_f32(
    dx: F32Ptr,
    dy: F32Ptr,
    x: F32Ptr,
    layout: LayoutPtr,
    acc: Flag,
    begin: Index,
    end: Index,
  ): void;
  /** dx = dy sign(x). */
  abs_backward_f32(
    dx: F32Ptr,
    dy: F32Ptr,
    x: F32Ptr,
    layout: LayoutPtr,
    acc: Flag,
    begin: Index,
    end: Index,
  ): void;
  /** Position of the first of n indices that is negative or >= limit, -1 if all are in range. */
  index_check_i32(index: I32Ptr, n: Count, limit: Count): number;
  /** out[i] = table[index[i]]: out dense (n, C), rows of table `table_stride` apart. Units: rows of out. */
  embedding_f32(
    out: F32Ptr,
    table: F32Ptr,
    index: I32Ptr,
    n: Count,
    C: Count,
    table_stride: Stride,
    begin: Index,
    end: Index,
  ): void;
  /**
   * dtable[index[i]] += dy[i], in the order of i, except for index `padding`: dy dense (n, C), rows of dtable
   * `table_stride` apart. Always adds. Units: blocks of 16 columns, ceil(C / 16) of them; each passes over all n rows.
   */
  embedding_backward_f32(
    dtable: F32Ptr,
    dy: F32Ptr,
    index: I32Ptr,
    n: Count,
    C: Count,
    table_stride: Stride,
    padding: Index,
    begin: Index,
    end: Index,
  ): void;
  /** Position of the first of n indices outside -size ... size-1, -1 if all are in range. */
  index_check_signed_i32(index: I32Ptr, n: Count, size: Count): number;
  /**
   * place = index * step (+ place if acc), where a negative index counts from `size`. layout: place, index. Units:
   * elements.
   */
  index_place_i32(
    place: I32Ptr,
    index: I32Ptr,
    layout: LayoutPtr,
    size: Count,
    step: Stride,
    acc: Flag,
    begin: Index,
    end: Index,
  ): void;
  /** out[i] = x[offset of i + index[i] * step], 4-byte elements. layout: out, index, x. Units: elements of out. */
  gather_b4(
    out: BytePtr,
    x: BytePtr,
    index: I32Ptr,
    layout: LayoutPtr,
    step: Stride,
    begin: Index,
    end: Index,
  ): void;
  /** gather_b4 of bytes. */
  gather_b1(
    out: BytePtr,
    x: BytePtr,
    index: I32Ptr,
    layout: LayoutPtr,
    step: Stride,
    begin: Index,
    end: Index,
  ): void;
  /** out[i] += x[offset of i + index[i] * step]; as gather_b4. */
  gather_add_f32(
    out: F32Ptr,
    x: F32Ptr,
    index: I32Ptr,
    layout: LayoutPtr,
    step: Stride,
    begin: Index,
    end: Index,
  ): void;
  /**
   * out[offset of line + index[j] * out_step] = src[j] for j = 0 ... N-1 along each line, 4-byte elements. lines: out, src,
   * index, one element per line. Lines share no place in out; out does not overlap src. Units: lines.
   */
  scatter_b4(
    out: BytePtr,
    src: BytePtr,
    index: I32Ptr,
    lines: LayoutPtr,
    N: Count,
    out_step: Stride,
    src_step: Stride,
    index_step: Stride,
    begin: Index,
    end: Index,
  ): void;
  /** scatter_b4 of bytes. */
  scatter_b1(
    out: BytePtr,
    src: BytePtr,
    index: I32Ptr,
    lines: LayoutPtr,
    N: Count,
    out_step: Stride,
    src_step: Stride,
    index_step: Stride,
    begin: Index,
    end: Index,
  ): void;
  /** out += src at the places of the index, in the order of j; as scatter_b4. */
  scatter_add_f32(
    out: F32Ptr,
    src: F32Ptr,
    index: I32Ptr,
    lines: LayoutPtr,
    N: Count,
    out_step: Stride,
    src_step: Stride,
    index_step: Stride,
    begin: Index,
    end: Index,
  ): void;
  /** out *= src; as scatter_add_f32. */
  scatter_mul_f32(
    out: F32Ptr,
    src: F32Ptr,
    index: I32Ptr,
    lines: LayoutPtr,
    N: Count,
    out_step: Stride,
    src_step: Stride,
    index_step: Stride,
    begin: Index,
    end: Index,
  ): void;
  /** out = max(out, src), NaN if one is; as scatter_add_f32. */
  scatter_max_f32(
    out: F32Ptr,
    src: F32Ptr,
    index: I32Ptr,
    lines: LayoutPtr,
    N: Count,
    out_step: Stride,
    src_step: Stride,
    index_step: Stride,
    begin: Index,
    end: Index,
  ): void;
  /** out = min(out, src), NaN if one is; as scatter_add_f32. */
  scatter_min_f32(
    out: F32Ptr,
    src: F32Ptr,
    index: I32Ptr,
    lines: LayoutPtr,
    N: Count,
    out_step: Stride,
    src_step: Stride,
    index_step: Stride,
    begin: Index,
    end: Index,
  ): void;
  /** out += src, wrapping at 32 bits; as scatter_add_f32. */
  scatter_add_i32(
    out: I32Ptr,
    src: I32Ptr,
    index: I32Ptr,
    lines: LayoutPtr,
    N: Count,
    out_step: Stride,
    src_step: Stride,
    index_step: Stride,
    begin: Index,
    end: Index,
  ): void;
  /** out *= src, wrapping at 32 bits; as scatter_add_f32. */
  scatter_mul_i32(
    out: I32Ptr,
    src: I32Ptr,
    index: I32Ptr,
    lines: LayoutPtr,
    N: Count,
    out_step: Stride,
    src_step: Stride,
    index_step: Stride,
    begin: Index,
    end: Index,
  ): void;
  /** out = max(out, src); as scatter_add_f32. */
  scatter_max_i32(
    out: I32Ptr,
    src: I32Ptr,
    index: I32Ptr,
    lines: LayoutPtr,
    N: Count,
    out_step: Stride,
    src_step: Stride,
    index_step: Stride,
    begin: Index,
    end: Index,
  ): void;
  /** out = min(out, src); as scatter_add_f32. */
  scatter_min_i32(
    out: I32Ptr,
    src: I32Ptr,
    index: I32Ptr,
    lines: LayoutPtr,
    N: Count,
    out_step: Stride,
    src_step: Stride,
    index_step: Stride,
    begin: Index,
    end: Index,
  ): void;
  /**
   * The gradient of scatter_b4: src[j] += out[place of j], out there = 0, for j = N-1 ... 0. So of several that wrote to one
   * place only the last has a gradient, and what out held before has none. Arguments as scatter_b4; src is written, too.
   */
  scatter_take_f32(
    out: F32Ptr,
    src: F32Ptr,
    index: I32Ptr,
    lines: LayoutPtr,
    N: Count,
    out_step: Stride,
    src_step: Stride,
    index_step: Stride,
    begin: Index,
    end: Index,
  ): void;
  /** out = floor(out / count) in place, 1 where count is 0: the mean of integers. Units: elements. */
  floor_mean_i32(out: I32Ptr, count: I32Ptr, begin: Index, end: Index): void;
  /** counts[b] = how many of the b-th 4096 bytes of the mask (n) are not 0. Units: blocks, ceil(n / 4096) of them. */
  mask_count_i32(counts: I32Ptr, mask: U8Ptr, n: Count, begin: Index, end: Index): void;
  /** out = positions of the bytes that are not 0, ascending; ends: running sums of mask_count_i32. Units: blocks. */
  mask_list_i32(out: I32Ptr, mask: U8Ptr, ends: I32Ptr, n: Count, begin: Index, end: Index): void;
  /** out[i * out_step] = position[i] / divisor % size: one axis of row-major positions. Units: elements. */
  unravel_i32(
    out: I32Ptr,
    out_step: Stride,
    position: I32Ptr,
    divisor: Count,
    size: Count,
    begin: Index,
    end: Index,
  ): void;
  /**
   * out[i] = how many of the sorted row (N) lie before value[i]: those below it, or not above it if `right`. Row i / M of
   * `sorted`, rows `row_step` apart; NaN lies behind everything. Units: values.
   */
  searchsorted_f32(
    out: I32Ptr,
    sorted: F32Ptr,
    value: F32Ptr,
    N: Count,
    M: Count,
    row_step: Stride,
    right: Flag,
    begin: Index,
    end: Index,
  ): void;
  /** searchsorted_f32 of integers. */
  searchsorted_i32(
    out: I32Ptr,
    sorted: I32Ptr,
    value: I32Ptr,
    N: Count,
    M: Count,
    row_step: Stride,
    right: Flag,
    begin: Index,
    end: Index,
  ): void;
  /**
   * lse = logsumexp of each row of logits (R, V), rows `stride` apart; loss = lse - logits[target], 0 where
   * target is ignore_index. Every other target lies in 0 ... V-1 (index_check_i32). lse, loss, target dense
   * (R). Units: rows.
   */
  cross_entropy_f32(
    loss: F32Ptr,
    lse: F32Ptr,
    logits: F32Ptr,
    target: I32Ptr,
    R: Count,
    V: Count,
    stride: Stride,
    ignore_index: number,
    smooth: number,
    begin: Index,
    end: Index,
  ): void;
  /**
   * dlogits = scale * dloss * (softmax(logits) - smooth - (1 - smooth V) onehot(target)) (+ dlogits if acc), 0 where
   * target is ignore_index. logits (R, V) with rows `stride` apart, dlogits with rows `dstride` apart; target, lse dense
   * (R); dloss (R) with dloss_stride 1, one number with 0. dlogits may be logits where the rows coincide,
   * unless acc. Units: rows. lse only centres the exponentials: their own sum normalises them, so the rounding
   * of a large lse does not matter.
   */
  cross_entropy_backward_f32(
    dlogits: F32Ptr,
    logits: F32Ptr,
    target: I32Ptr,
    lse: F32Ptr,
    dloss: F32Ptr,
    dloss_stride: Stride,
    scale: number,
    R: Count,
    V: Count,
    stride: Stride,
    dstride: Stride,
    ignore_index: number,
    smooth: number,
    acc: Flag,
    begin: Index,
    end: Index,
  ): void;
  /** Bytes of B (K, N) packed into panels of 8 columns. Unsigned. */
  matmul_packed_bytes(K: Count, N: Count): number;
  /**
   * packed[p][k][j] = B[k, 8p + j], zero where 8p + j >= N; B element (k, n) at B + k*rs_b + n*cs_b.
   * Units: panels p.
   */
  matmul_pack_f32(
    packed: F32Ptr,
    B: F32Ptr,
    K: Count,
    N: Count,
    rs_b: Stride,
    cs_b: Stride,
    begin: Index,
    end: Index,
  ): void;
  /** B[k, n] = packed[n / 8][k][n % 8], the inverse of matmul_pack_f32. Units: panels. */
  matmul_unpack_f32(
    B: F32Ptr,
    packed: F32Ptr,
    K: Count,
    N: Count,
    rs_b: Stride,
    cs_b: Stride,
    begin: Index,
    end: Index,
  ): void;
  /**
   * out[i, k] = row index[i] of the (V, K) matrix whose transpose is packed as B (K, V): one storage serves a
   * tied embedding and its logits. out dense (n, K); indices are valid. Units: rows i.
   */
  embedding_packed_f32(
    out: F32Ptr,
    packed: F32Ptr,
    index: I32Ptr,
    n: Count,
    K: Count,
    begin: Index,
    end: Index,
  ): void;
  /** Units of matmul_f32: blocks of rows x columns, row block by row block. */
  matmul_units_f32(M: Count, N: Count, K: Count): number;
  /** Bytes of `work` of matmul_f32. */
  matmul_work_f32(M: Count, N: Count, K: Count): number;
  /**
   * C = act(A B + bias), or C += A B when acc (then bias 0 and act 0). A (M, K) at A + m*rs_a + k*cs_a;
   * B (K, N) packed; bias (N) or 0; C (M, N) at C + m*ldc + n.
   * act: 0 none, 1 relu, 2 gelu (erf), 3 gelu (tanh), 4 silu. C overlaps no input.
   * Units: matmul_units_f32(M, N, K).
   */
  matmul_f32(
    C: F32Ptr,
    A: F32Ptr,
    packed: F32Ptr,
    bias: F32Ptr,
    M: Count,
    N: Count,
    K: Count,
    ldc: Stride,
    rs_a: Stride,
    cs_a: Stride,
    act: number,
    acc: Flag,
    work: WorkPtr,
    begin: Index,
    end: Index,
  ): void;
  /** Units of matmul_batched_f32 for D = D0*D1 products: parts of rows, product by product. */
  matmul_batched_units_f32(D: Count, M: Count, N: Count, K: Count): number;
  /** Bytes of `work` of matmul_batched_f32: one packed B and one block of A. */
  matmul_batched_work_f32(M: Count, N: Count, K: Count): number;
  /**
   * C[i,j] = alpha * A[i,j] B[i,j] for i < D0, j < D1, added to C when acc.
   * Element (m, n) of C[i,j] at C + i*c_s0 + j*c_s1 + m*ldc + n; (m, k) of A[i,j] at A + i*a_s0 + j*a_s1 +
   * m*rs_a + k*cs_a; (k, n) of B[i,j] at B + i*b_s0 + j*b_s1 + k*rs_b + n*cs_b. Batch strides of A and B may be
   * 0; those of C keep the products apart. C overlaps no input.
   * Units: matmul_batched_units_f32(D0*D1, M, N, K).
   */
  matmul_batched_f32(
    C: F32Ptr,
    A: F32Ptr,
    B: F32Ptr,
    D0: Count,
    D1: Count,
    M: Count,
    N: Count,
    K: Count,
    c_s0: Stride,
    c_s1: Stride,
    ldc: Stride,
    a_s0: Stride,
    a_s1: Stride,
    rs_a: Stride,
    cs_a: Stride,
    b_s0: Stride,
    b_s1: Stride,
    rs_b: Stride,
    cs_b: Stride,
    alpha: number,
    acc: Flag,
    work: WorkPtr,
    begin: Index,
    end: Index,
  ): void;
  /**
   * C[r, n] = the sum over k of A[r, k] B[k, n], for batches of products at once. rows: operands C, A, B, one element
   * per row of C, strides 0 where rows share B. C and B have dense rows; those of B are b_step apart, elements of a row
   * of A a_step. C overlaps no input. Units: rows of C.
   */
  matmul_i32(
    C: I32Ptr,
    A: I32Ptr,
    B: I32Ptr,
    rows: LayoutPtr,
    N: Count,
    K: Count,
    a_step: Stride,
    b_step: Stride,
    begin: Index,
    end: Index,
  ): void;
  /** Units of matvec_f32: 32 columns each. */
  matvec_units_f32(N: Count): number;
  /**
   * y = act(x B + bias), or y += x B when acc (then bias 0 and act 0). x (K), y (N) and bias (N) or 0 dense;
   * B (K, N) at B + k*rs_b + n*cs_b, fast when one of the two is 1. act as in matmul_f32. y overlaps no input.
   * Units: matvec_units_f32(N).
   */
  matvec_f32(
    y: F32Ptr,
    x: F32Ptr,
    B: F32Ptr,
    bias: F32Ptr,
    N: Count,
    K: Count,
    rs_b: Stride,
    cs_b: Stride,
    act: number,
    acc: Flag,
    begin: Index,
    end: Index,
  ): void;
  /** Units of matvec_packed_f32: 4 panels each. */
  matvec_packed_units_f32(N: Count): number;
  /**
   * y = act(x B + bias), or y += x B when acc, B (K, N) packed by matmul_pack_f32; if `backwards` from its last panels to
   * the first: a B beyond the cache, read to and fro, is found there in part. Units: 4 panels.
   */
  matvec_packed_f32(
    y: F32Ptr,
    x: F32Ptr,
    packed: F32Ptr,
    bias: F32Ptr,
    N: Count,
    K: Count,
    act: number,
    acc: Flag,
    backwards: Flag,
    begin: Index,
    end: Index,
  ): void;
  /**
   * y = (x - mean) * rstd * weight + bias over each row, rstd = 1 / sqrt(var + eps), var the biased variance; if not
   * `centred` the mean counts as 0, so var is the mean square.
   * Row (i, j) of x (D0, D1, N) starts at x + i*x_s0 + j*x_s1; y is dense; mean, rstd (D0*D1) or 0: not
   * written; weight, bias (N) or 0: 1 and 0. y may be x where the rows coincide. Units: rows.
   */
  layernorm_f32(
    y: F32Ptr,
    mean: F32Ptr,
    rstd: F32Ptr,
    x: F32Ptr,
    weight: F32Ptr,
    bias: F32Ptr,
    D0: Count,
    D1: Count,
    N: Count,
    x_s0: Stride,
    x_s1: Stride,
    eps: number,
    centred: Flag,
    begin: Index,
    end: Index,
  ): void;
  /**
   * dx = rstd * (g - avg(g) - xhat * avg(g * xhat)) (+ dx if acc), g = dy * weight, xhat = (x - mean) * rstd,
   * averages over the row, the first one 0 if not `centred`. dy dense; rows of x and dx by their strides; weight (N) or 0: 1; mean, rstd (D0*D1)
   * from layernorm_f32. dx may be dy or x where the rows coincide. Units: rows.
   */
  layernorm_backward_f32(
    dx: F32Ptr,
    dy: F32Ptr,
    x: F32Ptr,
    weight: F32Ptr,
    mean: F32Ptr,
    rstd: F32Ptr,
    D0: Count,
    D1: Count,
    N: Count,
    x_s0: Stride,
    x_s1: Stride,
    dx_s0: Stride,
    dx_s1: Stride,
    centred: Flag,
    acc: Flag,
    begin: Index,
    end: Index,
  ): void;
  /**
   * dweight = sum over rows of dy * xhat (+ dweight if acc_weight), dbias = sum over rows of dy (+ dbias if
   * acc_bias); either may be 0: not needed. dy dense (D0, D1, N), the rest as in layernorm_backward_f32. Units:
   * blocks of 16 columns, ceil(N / 16) of them; rows are summed in fixed blocks in their order.
   */
  layernorm_backward_params_f32(
    dweight: F32Ptr,
    dbias: F32Ptr,
    dy: F32Ptr,
    x: F32Ptr,
    mean: F32Ptr,
    rstd: F32Ptr,
    D0: Count,
    D1: Count,
    N: Count,
    x_s0: Stride,
    x_s1: Stride,
    acc_weight: Flag,
    acc_bias: Flag,
    begin: Index,
    end: Index,
  ): void;
  /**
   * Adam (Kingma and Ba, 1412.6980) and AdamW (1711.05101): m, v <- averages of g and g^2; p <- p - lr/bias1 m /
   * (sqrt(v)/sqrt(bias2) + eps), bias1 = 1 - beta1^t, bias2 = 1 - beta2^t. largest != 0: AMSGrad, with the largest v.
   */
  adam_f32(
    p: F32Ptr,
    g: F32Ptr,
    m: F32Ptr,
    v: F32Ptr,
    largest: F32Ptr,
    n: Count,
    lr: number,
    beta1: number,
    beta2: number,
    eps: number,
    bias1: number,
    bias2: number,
    decay: number,
    l2: number,
    grad_scale: number,
    begin: Index,
    end: Index,
  ): void;
  /** NAdam (Dozat, 2016): as Adam, with steps of `along_g` along the gradient and `along_m` along its average. */
  nadam_f32(
    p: F32Ptr,
    g: F32Ptr,
    m: F32Ptr,
    v: F32Ptr,
    n: Count,
    beta1: number,
    beta2: number,
    eps: number,
    bias2: number,
    along_g: number,
    along_m: number,
    decay: number,
    l2: number,
    grad_scale: number,
    begin: Index,
    end: Index,
  ): void;
  /**
   * RAdam (1908.03265): p <- p - lr m/bias1 sqrt(bias2) rectification / (sqrt(v) + eps), or p - lr m/bias1 while the
   * variance is not tractable (rectification = 0).
   */
  radam_f32(
    p: F32Ptr,
    g: F32Ptr,
    m: F32Ptr,
    v: F32Ptr,
    n: Count,
    lr: number,
    beta1: number,
    beta2: number,
    eps: number,
    bias1: number,
    bias2: number,
    rectification: number,
    decay: number,
    l2: number,
    grad_scale: number,
    begin: Index,
    end: Index,
  ): void;
  /** Adamax (1412.6980, section 7): u <- max(beta2 u, |g| + eps); p <- p - lr/bias1 m / u. */
  adamax_f32(
    p: F32Ptr,
    g: F32Ptr,
    m: F32Ptr,
    u: F32Ptr,
    n: Count,
    lr: number,
    beta1: number,
    beta2: number,
    eps: number,
    bias1: number,
    decay: number,
    l2: number,
    grad_scale: number,
    begin: Index,
    end: Index,
  ): void;
  /** Adagrad (Duchi et al., 2011): sum <- sum + g^2; p <- p - lr g / (sqrt(sum) + eps). */
  adagrad_f32(
    p: F32Ptr,
    g: F32Ptr,
    sum: F32Ptr,
    n: Count,
    lr: number,
    eps: number,
    decay: number,
    l2: number,
    grad_scale: number,
    begin: Index,
    end: Index,
  ): void;
  /**
   * Adadelta (1212.5701): squares <- average of g^2; delta = sqrt(deltas + eps) / sqrt(squares + eps) g; deltas <- average
   * of delta^2; p <- p - lr delta.
   */
  adadelta_f32(
    p: F32Ptr,
    g: F32Ptr,
    squares: F32Ptr,
    deltas: F32Ptr,
    n: Count,
    lr: number,
    rho: number,
    eps: number,
    decay: number,
    l2: number,
    grad_scale: number,
    begin: Index,
    end: Index,
  ): void;
  /**
   * RMSprop (Hinton, lecture 6e): squares <- average of g^2, less the square of `averages` (!= 0: centered); p <- p - lr g /
   * (sqrt + eps), through a momentum buffer if there is one.
   */
  rmsprop_f32(
    p: F32Ptr,
    g: F32Ptr,
    squares: F32Ptr,
    buffer: F32Ptr,
    averages: F32Ptr,
    n: Count,
    lr: number,
    alpha: number,
    eps: number,
    momentum: number,
    decay: number,
    l2: number,
    grad_scale: number,
    begin: Index,
    end: Index,
  ): void;
  /** Lion (2302.06675): p <- p - lr sign(beta1 m + (1 - beta1) g); m <- beta2 m + (1 - beta2) g. */
  lion_f32(
    p: F32Ptr,
    g: F32Ptr,
    m: F32Ptr,
    n: Count,
    lr: number,
    beta1: number,
    beta2: number,
    decay: number,
    l2: number,
    grad_scale: number,
    begin: Index,
    end: Index,
  ): void;
  /**
   * SGD: d = grad_scale g + weight_decay p; with a buffer (momentum != 0): buffer <- first ? d : momentum
   * buffer + (1 - dampening) d, and d <- nesterov ? d + momentum buffer : buffer; p <- p - lr d. buffer = 0:
   * none. p, g, buffer hold n elements and do not overlap; g is only read. begin, end: elements.
   */
  sgd_f32(
    p: F32Ptr,
    g: F32Ptr,
    buffer: F32Ptr,
    n: Count,
    lr: number,
    momentum: number,
    dampening: number,
    weight_decay: number,
    nesterov: Flag,
    first: Flag,
    grad_scale: number,
    begin: Index,
    end: Index,
  ): void;
  /**
   * columns (N, C * taps, positions) = the patches of x (N, C, ...) under the window; elements of 4 bytes, 0
   * beyond the image. Units: rows of the matrices, N * C * taps.
   */
  unfold_b4(columns: BytePtr, x: BytePtr, window: WindowPtr, begin: Index, end: Index): void;
  /**
   * y (N, C, ...) = the sum, for each element, of the patches (N, C * taps, positions) that cover it, tap by tap.
   * Units: planes of y, N * C.
   */
  fold_f32(y: F32Ptr, columns: F32Ptr, window: WindowPtr, begin: Index, end: Index): void;
  /**
   * y[i] = x[at[i]] along each line of N places, for elements of 4 bytes. lines: operands y, x, at, one element per line;
   * steps: along a line. The places must be valid. Units: lines.
   */
  pick_b4(
    y: BytePtr,
    x: BytePtr,
    at: I32Ptr,
    lines: LayoutPtr,
    N: Count,
    y_step: Stride,
    x_step: Stride,
    at_step: Stride,
    begin: Index,
    end: Index,
  ): void;
  /**
   * dx[j] = sum of dy[i] over the i with at[i] = j (+ dx[j] if acc), j < M. Neighbours of one place are added in f64. lines:
   * operands dx, dy, at. Units: lines.
   */
  pick_backward_f32(
    dx: F32Ptr,
    dy: F32Ptr,
    at: I32Ptr,
    lines: LayoutPtr,
    M: Count,
    N: Count,
    dx_step: Stride,
    dy_step: Stride,
    at_step: Stride,
    acc: Flag,
    begin: Index,
    end: Index,
  ): void;
  /**
   * y = largest element of each window, index (or 0: not needed) = its place in its plane, row-major: the first of equal
   * ones, NaN before all. x dense (planes, H, W), y and index dense (planes, OH, OW). rows: OH first rows of windows, then
   * OH numbers of rows, dH apart; columns: the same of OW and dW. An empty window gives -Infinity and its first place.
   * Units: rows of y, planes * OH of them.
   */
  max_pool_f32(
    y: F32Ptr,
    index: I32Ptr,
    x: F32Ptr,
    rows: I32Ptr,
    columns: I32Ptr,
    H: Count,
    W: Count,
    OH: Count,
    OW: Count,
    dH: Stride,
    dW: Stride,
    begin: Index,
    end: Index,
  ): void;
  /** As max_pool_f32; an empty window gives the least i32. */
  max_pool_i32(
    y: I32Ptr,
    index: I32Ptr,
    x: I32Ptr,
    rows: I32Ptr,
    columns: I32Ptr,
    H: Count,
    W: Count,
    OH: Count,
    OW: Count,
    dH: Stride,
    dW: Stride,
    begin: Index,
    end: Index,
  ): void;
  /**
   * Puts x (planes, n) at the places `index` (planes, n) of planes of m elements: adds with `sum`, else the last one at a
   * place stays. y (planes, m) is zeroed first unless acc. All dense; 0 <= index < m. Units: planes.
   */
  plane_scatter_f32(
    y: F32Ptr,
    x: F32Ptr,
    index: I32Ptr,
    m: Count,
    n: Count,
    sum: Flag,
    acc: Flag,
    begin: Index,
    end: Index,
  ): void;
  /** y (planes, n) = x (planes, m) at the places `index` (planes, n) (+ y if acc). All dense. Units: planes. */
  plane_gather_f32(
    y: F32Ptr,
    x: F32Ptr,
    index: I32Ptr,
    m: Count,
    n: Count,
    acc: Flag,
    begin: Index,
    end: Index,
  ): void;
  /**
   * Register-only multiply-adds: 12 independent chains of 4 lanes, one step of each per iteration (a chain
   * waits 4 cycles for itself, so 8 saturate two units). flops = iterations * 12 * 4 * 2. Returns a value that
   * depends on all. x and y trade places so that they are variables of the loop: V8 rebuilds a constant vector
   * at each of its uses.
   */
  fma_peak_f32(iterations: Count): number;
  /** Sum of x (n), n a multiple of 32 (the rest is not read): 8 vectors per step, as fast as memory gives them. */
  stream_read_f32(x: F32Ptr, n: Count): number;
  /** y = x (n each), n a multiple of 16 (the rest is not written): the traffic of an op with one operand. */
  stream_copy_f32(y: F32Ptr, x: F32Ptr, n: Count): void;
  /** z = x + s y (n each), n a multiple of 8 (the rest is not written): the traffic of an op with two operands. */
  stream_triad_f32(z: F32Ptr, x: F32Ptr, y: F32Ptr, s: number, n: Count): void;
  /**
   * Sum of f over x (n), n a multiple of 8 (the rest is not read): its polynomial alone, when x is in cache.
   * f: 0 exp, 1 sigmoid, 2 tanh, 3 gelu (erf), 4 silu.
   */
  function_loop_f32(x: F32Ptr, n: Count, f: number): number;
  /** Bytes of B (K, N) in a format: 1 f16 (all below 64), 2 bf16, 3 int8, 4 int4 in groups of a multiple of 8. */
  quantized_bytes(K: Count, N: Count, format: number, group: Count): number;
  /** Bytes of `work` of quantize_f32 and dequantize_f32. */
  quantize_work(K: Count, format: number, group: Count): number;
  /** B (K, N), element (k, n) at B + k*rs_b + n*cs_b, in a format. Units: panels of 8 columns. */
  quantize_f32(
    packed: BytePtr,
    B: F32Ptr,
    K: Count,
    N: Count,
    rs_b: Stride,
    cs_b: Stride,
    format: number,
    group: Count,
    work: WorkPtr,
    begin: Index,
    end: Index,
  ): void;
  /** The inverse of quantize_f32, but for what was rounded away. Units: panels of 8 columns. */
  dequantize_f32(
    B: F32Ptr,
    packed: BytePtr,
    K: Count,
    N: Count,
    rs_b: Stride,
    cs_b: Stride,
    format: number,
    group: Count,
    work: WorkPtr,
    begin: Index,
    end: Index,
  ): void;
  /** Bytes of a row of K elements in bytes. */
  quantized_row_bytes(K: Count, group: Count): number;
  /** A row x (K) in bytes for the fast product with int8 or int4 weights. Units: groups. */
  quantize_row_f32(
    out: BytePtr,
    x: F32Ptr,
    K: Count,
    format: number,
    group: Count,
    begin: Index,
    end: Index,
  ): void;
  /** Bytes of `work` of matvec_quantized_f32. */
  matvec_quantized_work(K: Count, format: number, fast: Flag): number;
  /**
   * y = act(x B + bias), or y += x B when acc (then bias 0 and act 0). x (K) dense f32, or when `fast` from
   * quantize_row_f32; y (N) and bias (N) or 0 dense; act as in matmul_f32. y overlaps no input. Units: 32 columns each.
   */
  matvec_quantized_f32(
    y: F32Ptr,
    x: BytePtr,
    packed: BytePtr,
    bias: F32Ptr,
    N: Count,
    K: Count,
    act: number,
    acc: Flag,
    format: number,
    group: Count,
    fast: Flag,
    work: WorkPtr,
    begin: Index,
    end: Index,
  ): void;
  /** Bytes of `work` of matmul_quantized_f32: the f32 panels of a unit, and a block of A. Unsigned. */
  matmul_quantized_work(M: Count, N: Count, K: Count): number;
  /**
   * C = act(A B + bias), or C += A B when acc, as matmul_f32 computes it with the widened B.
   * Units: matmul_units_f32(M, N, K).
   */
  matmul_quantized_f32(
    C: F32Ptr,
    A: F32Ptr,
    packed: BytePtr,
    bias: F32Ptr,
    M: Count,
    N: Count,
    K: Count,
    ldc: Stride,
    rs_a: Stride,
    cs_a: Stride,
    act: number,
    acc: Flag,
    format: number,
    group: Count,
    work: WorkPtr,
    begin: Index,
    end: Index,
  ): void;
  /** out[i, k] = element (k, index[i]) of B (K, V), widened; out dense (n, K), indices valid. Units: rows i. */
  embedding_quantized_f32(
    out: F32Ptr,
    packed: BytePtr,
    index: I32Ptr,
    n: Count,
    K: Count,
    format: number,
    group: Count,
    begin: Index,
    end: Index,
  ): void;
  /** out[i] = low + u * (high - low), u uniform in [0, 1) with 24 bits; n elements. begin, end: elements. */
  philox_uniform_f32(
    out: F32Ptr,
    n: Count,
    seed_lo: number,
    seed_hi: number,
    stream_lo: number,
    stream_hi: number,
    low: number,
    high: number,
    begin: Index,
    end: Index,
  ): void;
  /** out[i] = mean + z * std, z standard normal; n elements. begin, end: elements. */
  philox_normal_f32(
    out: F32Ptr,
    n: Count,
    seed_lo: number,
    seed_hi: number,
    stream_lo: number,
    stream_hi: number,
    mean: number,
    std: number,
    begin: Index,
    end: Index,
  ): void;
  /**
   * out[i] = low + floor(word * span / 2^32): integers in [low, low + span), each as likely as any other up to 2^-32;
   * span is unsigned, n elements. begin, end: elements.
   */
  philox_integers_i32(
    out: I32Ptr,
    n: Count,
    seed_lo: number,
    seed_hi: number,
    stream_lo: number,
    stream_hi: number,
    low: number,
    span: number,
    begin: Index,
    end: Index,
  ): void;
  /**
   * y = x / (1 - p) where u >= p, else x * 0; u is the uniform number of the element's flat index. acc = 1
   * adds to y. Layout operands: y, x; y may be x when their strides are the same. The gradient is the same
   * call on dy. begin, end: flat elements.
   */
  dropout_f32(
    y: F32Ptr,
    x: F32Ptr,
    layout: LayoutPtr,
    p: number,
    seed_lo: number,
    seed_hi: number,
    stream_lo: number,
    stream_hi: number,
    acc: Flag,
    begin: Index,
    end: Index,
  ): void;
  /**
   * y[i] = x[index[i]], or zeros where index[i] < 0; added to y[i] if acc. x and y dense rows of C. y overlaps neither
   * input. Units: rows of y.
   */
  gather_rows_f32(y: F32Ptr, x: F32Ptr, index: I32Ptr, C: Count, acc: Flag, begin: Index, end: Index): void;
  /**
   * y = tanh(y), or relu(y) if `relu`; what h held goes to `before` (0: nowhere), and h becomes y. h dense, rows of y and
   * before by their steps.
   */
  rnn_cell_f32(
    y: F32Ptr,
    h: F32Ptr,
    before: F32Ptr,
    H: Count,
    y_step: Stride,
    before_step: Stride,
    relu: Flag,
    begin: Index,
    end: Index,
  ): void;
  /** da = (dh + dy) * f'(y) for the f of rnn_cell_f32. da and dh dense, rows of dy and y `step` apart. */
  rnn_cell_backward_f32(
    da: F32Ptr,
    dh: F32Ptr,
    dy: F32Ptr,
    y: F32Ptr,
    H: Count,
    dy_step: Stride,
    y_step: Stride,
    relu: Flag,
    begin: Index,
    end: Index,
  ): void;
  /**
   * Rows of gates [i f g o]: i, f, o = sigmoid, g = tanh of what lies there, and c = f c + i g, h = o tanh(c). peephole
   * (3, H) or 0: p_i c and p_f c of the old c, p_o c of the new one are added before the sigmoid. The old c and h go to
   * `cells` and `hiddens` (0: nowhere), rows `step` apart as those of gates. c dense; rows of h h_step apart; y (0: none)
   * gets h, too.
   */
  lstm_cell_f32(
    gates: F32Ptr,
    c: F32Ptr,
    h: F32Ptr,
    y: F32Ptr,
    cells: F32Ptr,
    hiddens: F32Ptr,
    peephole: F32Ptr,
    H: Count,
    step: Stride,
    h_step: Stride,
    y_step: Stride,
    begin: Index,
    end: Index,
  ): void;
  /**
   * Gradients of the pre-activations of lstm_cell_f32, rows [di df dg do] dense, from dh (+ dy unless 0) and dc, which
   * becomes that of the old c. gates and cells (the old c) as they were left, rows `step` apart; dc, dh dense.
   */
  lstm_cell_backward_f32(
    da: F32Ptr,
    dc: F32Ptr,
    dh: F32Ptr,
    dy: F32Ptr,
    gates: F32Ptr,
    cells: F32Ptr,
    peephole: F32Ptr,
    H: Count,
    step: Stride,
    dy_step: Stride,
    begin: Index,
    end: Index,
  ): void;
  /**
   * Rows of gates [r z n rh], `step` apart: r and z become their sigmoids and rh = r h, which the candidate's matrix
   * product takes (the reset before it). h dense.
   */
  gru_reset_f32(gates: F32Ptr, h: F32Ptr, H: Count, step: Stride, begin: Index, end: Index): void;
  /**
   * Rows of gates [r z n], `step` apart: n = tanh of what lies there, h = n + z (h - n). With `hidden` (rows of 3 H, the
   * product with h and its bias; the reset after it) r and z are the sigmoids of both sums, and n counts r times its part
   * of hidden, which is kept behind n if `before`. The old h goes to `before` (0: nowhere), rows `step` apart; h dense; y
   * gets it, too.
   */
  gru_cell_f32(
    gates: F32Ptr,
    hidden: F32Ptr,
    h: F32Ptr,
    y: F32Ptr,
    before: F32Ptr,
    H: Count,
    step: Stride,
    y_step: Stride,
    begin: Index,
    end: Index,
  ): void;
  /**
   * Gradients of the pre-activations of gru_cell_f32, from dh + dy; dh becomes its direct part z (dh + dy). gates
   * [r z n part] and `before` as they were left, rows `step` apart. If `after`: rows of da [dr dz dn | dr dz dn*r], 6 H;
   * else [- dz dn], 3 H, and dr is gru_reset_backward_f32's.
   */
  gru_cell_backward_f32(
    da: F32Ptr,
    dh: F32Ptr,
    dy: F32Ptr,
    gates: F32Ptr,
    before: F32Ptr,
    H: Count,
    step: Stride,
    dy_step: Stride,
    after: Flag,
    begin: Index,
    end: Index,
  ): void;
  /** da[0] = dr, and dh gets its part through rh = r h, from drh (n, H) dense; rows of da 3 H, the rest as above. */
  gru_reset_backward_f32(
    da: F32Ptr,
    dh: F32Ptr,
    drh: F32Ptr,
    gates: F32Ptr,
    before: F32Ptr,
    H: Count,
    step: Stride,
    begin: Index,
    end: Index,
  ): void;
  /**
   * out = sum of x over the reduced axes (+ out if acc). kept: operands out, x; reduced: operand x.
   * |error| <= 2 * 2^-24 * (2 + log2 n) * sum|x|. out may not overlap x. Units: output elements.
   */
  sum_f32(
    out: F32Ptr,
    x: F32Ptr,
    kept: LayoutPtr,
    reduced: LayoutPtr,
    acc: Flag,
    begin: Index,
    end: Index,
  ): void;
  /** out = sum of x over the reduced axes, wrapping at 32 bits; layouts and units as sum_f32. */
  sum_i32(out: I32Ptr, x: I32Ptr, kept: LayoutPtr, reduced: LayoutPtr, begin: Index, end: Index): void;
  /** out = how many of x are true over the reduced axes; layouts and units as sum_f32. */
  sum_bool_i32(out: I32Ptr, x: U8Ptr, kept: LayoutPtr, reduced: LayoutPtr, begin: Index, end: Index): void;
  /** out = product of x over the reduced axes, taken in f64; layouts and units as sum_f32. */
  prod_f32(out: F32Ptr, x: F32Ptr, kept: LayoutPtr, reduced: LayoutPtr, begin: Index, end: Index): void;
  /** out = product of x over the reduced axes, wrapping at 32 bits; layouts and units as sum_f32. */
  prod_i32(out: I32Ptr, x: I32Ptr, kept: LayoutPtr, reduced: LayoutPtr, begin: Index, end: Index): void;
  /**
   * out = sum of (x - mean)^2 over the reduced axes / dof, or its root, and mean, in the layout of out. Where mean is 0
   * nothing is subtracted: with root the Euclidean norm. In f64; layouts and units as sum_f32.
   */
  variance_f32(
    out: F32Ptr,
    mean: F32Ptr,
    x: F32Ptr,
    kept: LayoutPtr,
    reduced: LayoutPtr,
    dof: number,
    root: Flag,
    begin: Index,
    end: Index,
  ): void;
  /** out = maximum of x over the reduced axes, NaN if one is NaN; layouts and units as sum_f32. */
  amax_f32(out: F32Ptr, x: F32Ptr, kept: LayoutPtr, reduced: LayoutPtr, begin: Index, end: Index): void;
  /** out = minimum of x over the reduced axes, NaN if one is NaN; layouts and units as sum_f32. */
  amin_f32(out: F32Ptr, x: F32Ptr, kept: LayoutPtr, reduced: LayoutPtr, begin: Index, end: Index): void;
  /** out = flat index (over the reduced axes, row-major) of the first maximum; the first NaN wins. As sum_f32. */
  argmax_i32(out: I32Ptr, x: F32Ptr, kept: LayoutPtr, reduced: LayoutPtr, begin: Index, end: Index): void;
  /** out = flat index (over the reduced axes, row-major) of the first minimum; the first NaN wins. As sum_f32. */
  argmin_i32(out: I32Ptr, x: F32Ptr, kept: LayoutPtr, reduced: LayoutPtr, begin: Index, end: Index): void;
  /** out = maximum of x over the reduced axes, or the minimum if `least`; layouts and units as sum_f32. */
  extreme_i32(
    out: I32Ptr,
    x: I32Ptr,
    kept: LayoutPtr,
    reduced: LayoutPtr,
    least: Flag,
    begin: Index,
    end: Index,
  ): void;
  /** out = flat index of the first maximum of i32 x, or of the first minimum if `least`; as argmax_i32. */
  arg_extreme_i32(
    out: I32Ptr,
    x: I32Ptr,
    kept: LayoutPtr,
    reduced: LayoutPtr,
    least: Flag,
    begin: Index,
    end: Index,
  ): void;
  /** out[b] = sum of x^2 over the b-th 4096 elements of x (n), in f64. Units: blocks, ceil(n / 4096) of them. */
  sum_squares_f64(out: F64Ptr, x: F32Ptr, n: Count, begin: Index, end: Index): void;
  /**
   * y[s] = x[k + clamp(s - position, -k, k)] for S keys (+ y if acc). rows: operands y, x, one element per row, T
   * queries innermost. Rows are dense. Units: rows.
   */
  relative_spread_f32(
    y: F32Ptr,
    x: F32Ptr,
    rows: LayoutPtr,
    T: Count,
    S: Count,
    k: Count,
    past: number,
    acc: Flag,
    begin: Index,
    end: Index,
  ): void;
  /**
   * y[k + d] = sum of x[s] over the S keys at clamped distance d (+ y if acc). rows as relative_spread_f32. Units:
   * rows.
   */
  relative_sum_f32(
    y: F32Ptr,
    x: F32Ptr,
    rows: LayoutPtr,
    T: Count,
    S: Count,
    k: Count,
    past: number,
    acc: Flag,
    begin: Index,
    end: Index,
  ): void;
  /**
   * out[o, j] = x[o, i] where ends[i - 1] <= j < ends[i]: rows of `size` bytes, n of them in each x[o], `total` =
   * ends[n - 1] in each out[o], all dense. out and x do not overlap. Units: rows of out.
   */
  repeat_rows(
    out: BytePtr,
    x: BytePtr,
    ends: I32Ptr,
    n: Count,
    total: Count,
    size: Count,
    begin: Index,
    end: Index,
  ): void;
  /**
   * dx[o, i] = the sum of dy[o, j] over ends[i - 1] <= j < ends[i], in order (+ dx[o, i] if acc): rows of C elements,
   * all dense; n and total as in repeat_rows. Units: rows of dx.
   */
  repeat_rows_backward_f32(
    dx: F32Ptr,
    dy: F32Ptr,
    ends: I32Ptr,
    n: Count,
    total: Count,
    C: Count,
    acc: Flag,
    begin: Index,
    end: Index,
  ): void;
  /**
   * y[o] = sum over k < count[o] of weights[at[o] + k] * x[first[o] + k] (+ y[o] if acc) along the middle axis of x (outer,
   * L, inner) and y (outer, O, inner), both dense. table: O first elements, O counts, O places in `weights`. Units: rows
   * of y, outer * O of them; blocks of 4 of the `outer` lines if inner is 1.
   */
  resample_f32(
    y: F32Ptr,
    x: F32Ptr,
    table: I32Ptr,
    weights: F32Ptr,
    outer: Count,
    L: Count,
    O: Count,
    inner: Count,
    acc: Flag,
    begin: Index,
    end: Index,
  ): void;
  /**
   * Sines and cosines of position * frequency, row r being position positions[r], or first + r where positions is 0: the
   * i-th of the first `sines` frequencies to y[r*row + sin_at + i*step], and so for cosines, all times factor. A frequency
   * is the sum of frequencies[i] and frequencies[F + i]. Angles must lie below 1.6e6. Units: rows.
   */
  angle_table_f32(
    y: F32Ptr,
    frequencies: F32Ptr,
    positions: I32Ptr,
    first: number,
    F: Count,
    sines: Count,
    cosines: Count,
    row: Stride,
    sin_at: Stride,
    cos_at: Stride,
    step: Stride,
    factor: number,
    begin: Index,
    end: Index,
  ): void;
  /**
   * (a, b) -> (a cos - b sin, b cos + a sin) for `half` pairs of each row of D elements (+ y if acc): elements 2i and
   * 2i+1 if `interleaved`, else i and half+i; the rest of a row is copied. `reverse` turns the other way, which is the
   * gradient. rows: operands y, x, table, one element per row; a row of the table holds half cosines, then half sines.
   * y may be x. Units: rows.
   */
  rotary_f32(
    y: F32Ptr,
    x: F32Ptr,
    table: F32Ptr,
    rows: LayoutPtr,
    D: Count,
    half: Count,
    interleaved: Flag,
    reverse: Flag,
    acc: Flag,
    begin: Index,
    end: Index,
  ): void;
  /** e^x. */
  exp_f64(x: number): number;
  /** ln x; -Infinity at 0, NaN below. */
  log_f64(x: number): number;
  /** cos x for |x| < 1.6e6; NaN beyond. */
  cos_f64(x: number): number;
  /** sin x for |x| < 1.6e6; NaN beyond. */
  sin_f64(x: number): number;
  /**
   * y[i] = x[0] · … · x[i] along each line of N elements. lines: operands y, x, one element per line; y_step, x_step: along
   * a line. Units: lines.
   */
  cumprod_f32(
    y: F32Ptr,
    x: F32Ptr,
    lines: LayoutPtr,
    N: Count,
    y_step: Stride,
    x_step: Stride,
    begin: Index,
    end: Index,
  ): void;
  /** y[i] = x[0] · … · x[i] along each line, wrapping at 32 bits; arguments as cumprod_f32. Units: lines. */
  cumprod_i32(
    y: I32Ptr,
    x: I32Ptr,
    lines: LayoutPtr,
    N: Count,
    y_step: Stride,
    x_step: Stride,
    begin: Index,
    end: Index,
  ): void;
  /**
   * dx[i] = y[i-1] · s[i], s[i] = dy[i] + x[i+1] · s[i+1] (+ dx[i] if acc): Horner's rule from the end of each line.
   * lines: operands dx, dy, x, y. Units: lines.
   */
  cumprod_backward_f32(
    dx: F32Ptr,
    dy: F32Ptr,
    x: F32Ptr,
    y: F32Ptr,
    lines: LayoutPtr,
    N: Count,
    dx_step: Stride,
    dy_step: Stride,
    x_step: Stride,
    y_step: Stride,
    acc: Flag,
    begin: Index,
    end: Index,
  ): void;
  /** Bytes of `work` of prod_backward_f32. */
  prod_backward_work_f32(N: Count): number;
  /**
   * dx[i] = dy · (product of the other elements of its line) (+ dx[i] if acc). lines: operands dx, x, dy. work: the
   * products before each block of the line, then those before each element of one block. Units: lines.
   */
  prod_backward_f32(
    dx: F32Ptr,
    x: F32Ptr,
    dy: F32Ptr,
    lines: LayoutPtr,
    N: Count,
    dx_step: Stride,
    x_step: Stride,
    acc: Flag,
    work: WorkPtr,
    begin: Index,
    end: Index,
  ): void;
  /**
   * out[i] = place of the largest of x[0] … x[i], the last of equals, or of the smallest if `least`; NaN beats all. x is
   * f32 if `float`, else i32. Lines as cumprod_f32. Units: lines.
   */
  cumextreme_i32(
    out: I32Ptr,
    x: BytePtr,
    float: Flag,
    least: Flag,
    lines: LayoutPtr,
    N: Count,
    out_step: Stride,
    x_step: Stride,
    begin: Index,
    end: Index,
  ): void;
  /** y[i] = ln(e^x[0] + … + e^x[i]) along each line, in f64; arguments as cumprod_f32. Units: lines. */
  logcumsumexp_f32(
    y: F32Ptr,
    x: F32Ptr,
    lines: LayoutPtr,
    N: Count,
    y_step: Stride,
    x_step: Stride,
    begin: Index,
    end: Index,
  ): void;
  /**
   * dx[i] = e^(x[i] - y[i]) · s[i], s[i] = dy[i] + e^(y[i] - y[i+1]) · s[i+1] (+ dx[i] if acc), so that no exponent is
   * positive. Arguments as cumprod_backward_f32. Units: lines.
   */
  logcumsumexp_backward_f32(
    dx: F32Ptr,
    dy: F32Ptr,
    x: F32Ptr,
    y: F32Ptr,
    lines: LayoutPtr,
    N: Count,
    dx_step: Stride,
    dy_step: Stride,
    x_step: Stride,
    y_step: Stride,
    acc: Flag,
    begin: Index,
    end: Index,
  ): void;
  /**
   * y = softmax(scale * x) over each row. Row (i, j) of x (D0, D1, N) starts at x + i*x_s0 + j*x_s1; y is dense
   * (D0, D1, N). causal -1: whole rows; causal >= 0: row (i, j) keeps its first min(N, causal + j + 1)
   * entries, the rest of y is 0 and the rest of x is not read; causal -2: whole rows. But for -1, a row of which
   * all is -Infinity gives zeros, as in PyTorch's attention. y may be x where the rows coincide. Units: rows.
   */
  softmax_f32(
    y: F32Ptr,
    x: F32Ptr,
    D0: Count,
    D1: Count,
    N: Count,
    x_s0: Stride,
    x_s1: Stride,
    scale: number,
    causal: number,
    begin: Index,
    end: Index,
  ): void;
  /**
   * dx = scale * y * (dy - sum(dy * y)) (+ dx if acc). y, dy dense (D0, D1, N); row (i, j) of dx starts at
   * dx + i*dx_s0 + j*dx_s1. dx may be dy or y where the rows coincide. Units: rows.
   */
  softmax_backward_f32(
    dx: F32Ptr,
    dy: F32Ptr,
    y: F32Ptr,
    D0: Count,
    D1: Count,
    N: Count,
    dx_s0: Stride,
    dx_s1: Stride,
    scale: number,
    acc: Flag,
    begin: Index,
    end: Index,
  ): void;
  /**
   * y = x - logsumexp(x) over each row. Row (i, j) of x (D0, D1, N) starts at x + i*x_s0 + j*x_s1; y is dense
   * (D0, D1, N). y may be x where the rows coincide. Units: rows.
   */
  log_softmax_f32(
    y: F32Ptr,
    x: F32Ptr,
    D0: Count,
    D1: Count,
    N: Count,
    x_s0: Stride,
    x_s1: Stride,
    begin: Index,
    end: Index,
  ): void;
  /**
   * dx = dy - exp(y) * sum(dy) (+ dx if acc), y = log_softmax(x). y, dy dense (D0, D1, N); row (i, j) of dx
   * starts at dx + i*dx_s0 + j*dx_s1. dx may be dy or y where the rows coincide. Units: rows.
   */
  log_softmax_backward_f32(
    dx: F32Ptr,
    dy: F32Ptr,
    y: F32Ptr,
    D0: Count,
    D1: Count,
    N: Count,
    dx_s0: Stride,
    dx_s1: Stride,
    acc: Flag,
    begin: Index,
    end: Index,
  ): void;
  /** Bytes of `work` of order_i32 and mode_i32. */
  order_work_i32(N: Count): number;
  /**
   * out[i] = place in its line of the element with rank first + i, i < count, in stable ascending order, or descending if
   * `down`. first = -1 asks for the lower median (count = 1), which is the first NaN if there is one. x is f32 if `float`,
   * else i32. lines: operands out, x, one element per line; steps: along a line. Units: lines.
   */
  order_i32(
    out: I32Ptr,
    x: BytePtr,
    float: Flag,
    down: Flag,
    lines: LayoutPtr,
    N: Count,
    first: Index,
    count: Count,
    out_step: Stride,
    x_step: Stride,
    work: WorkPtr,
    begin: Index,
    end: Index,
  ): void;
  /**
   * out = place of the last of the most frequent elements of each line, the smallest of them. lines: operands out, x;
   * arguments as order_i32. Units: lines.
   */
  mode_i32(
    out: I32Ptr,
    x: BytePtr,
    float: Flag,
    lines: LayoutPtr,
    N: Count,
    x_step: Stride,
    work: WorkPtr,
    begin: Index,
    end: Index,
  ): void;
  /**
   * Groups of equal elements of dense x (n > 0), given their places in sorted order: group[place] = number of its group,
   * head[g] = place of the first of group g, count[g] = its size, groups[0] = how many there are. NaN equals nothing.
   * Units: one.
   */
  unique_i32(
    group: I32Ptr,
    head: I32Ptr,
    count: I32Ptr,
    groups: I32Ptr,
    x: BytePtr,
    float: Flag,
    order: I32Ptr,
    n: Count,
    begin: Index,
    end: Index,
  ): void;
}

/** Hash of all signatures; `abi_hash()` of a module must say the same. */
export const ABI_HASH = 935953812;

/** Kernels whose last two parameters are a range of work units. */
export type ParallelKernel =
  | "attention_f32"
  | "attention_backward_f32"
  | "group_moments_f32"
  | "channel_norm_f32"
  | "channel_norm_sums_f32"
  | "channel_norm_backward_f32"
  | "conv_f32"
  | "conv_input_f32"
  | "conv_weight_f32"
  | "ctc_f32"
  | "ctc_backward_f32"
  | "cumsum_f32"
  | "cumsum_i32"
  | "depthwise_f32"
  | "depthwise_input_f32"
  | "depthwise_weight_f32"
  | "clamp_f32"
  | "leaky_relu_f32"
  | "threshold_f32"
  | "hard_sigmoid_f32"
  | "hard_swish_f32"
  | "soft_shrink_f32"
  | "hard_shrink_f32"
  | "elu_f32"
  | "softplus_f32"
  | "mish_f32"
  | "inside_backward_f32"
  | "between_backward_f32"
  | "leaky_relu_backward_f32"
  | "hard_swish_backward_f32"
  | "elu_backward_f32"
  | "softplus_backward_f32"
  | "mish_backward_f32"
  | "pow_f32"
  | "modulo_f32"
  | "atan2_f32"
  | "atan2_slope_f32"
  | "pow_i32"
  | "modulo_i32"
  | "probability_loss_f32"
  | "logit_loss_f32"
  | "add_f32"
  | "sub_f32"
  | "mul_f32"
  | "div_f32"
  | "maximum_f32"
  | "minimum_f32"
  | "add_i32"
  | "sub_i32"
  | "mul_i32"
  | "maximum_i32"
  | "minimum_i32"
  | "eq_f32"
  | "ne_f32"
  | "lt_f32"
  | "le_f32"
  | "gt_f32"
  | "ge_f32"
  | "eq_i32"
  | "ne_i32"
  | "lt_i32"
  | "le_i32"
  | "gt_i32"
  | "ge_i32"
  | "and_bool"
  | "or_bool"
  | "xor_bool"
  | "not_bool"
  | "where_f32"
  | "where_i32"
  | "copy_b4"
  | "copy_b1"
  | "fill_b4"
  | "fill_b1"
  | "cast_i32_f32"
  | "cast_f32_i32"
  | "cast_u8_f32"
  | "cast_u8_i32"
  | "cast_f32_u8"
  | "cast_i32_u8"
  | "exponential_f32"
  | "logarithm_f32"
  | "hyperbolic_f32"
  | "erfc_f32"
  | "tan_f32"
  | "area_f32"
  | "arc_f32"
  | "exponential_backward_f32"
  | "logarithm_backward_f32"
  | "tan_backward_f32"
  | "ratio_backward_f32"
  | "root_backward_f32"
  | "round_f32"
  | "frac_f32"
  | "sign_f32"
  | "neg_f32"
  | "abs_f32"
  | "exp_f32"
  | "log_f32"
  | "sqrt_f32"
  | "rsqrt_f32"
  | "reciprocal_f32"
  | "square_f32"
  | "sin_f32"
  | "cos_f32"
  | "tanh_f32"
  | "erf_f32"
  | "sigmoid_f32"
  | "relu_f32"
  | "silu_f32"
  | "gelu_f32"
  | "gelu_tanh_f32"
  | "exp_backward_f32"
  | "log_backward_f32"
  | "sqrt_backward_f32"
  | "rsqrt_backward_f32"
  | "reciprocal_backward_f32"
  | "square_backward_f32"
  | "sin_backward_f32"
  | "cos_backward_f32"
  | "tanh_backward_f32"
  | "erf_backward_f32"
  | "sigmoid_backward_f32"
  | "relu_backward_f32"
  | "silu_backward_f32"
  | "gelu_backward_f32"
  | "gelu_tanh_backward_f32"
  | "abs_backward_f32"
  | "embedding_f32"
  | "embedding_backward_f32"
  | "index_place_i32"
  | "gather_b4"
  | "gather_b1"
  | "gather_add_f32"
  | "scatter_b4"
  | "scatter_b1"
  | "scatter_add_f32"
  | "scatter_mul_f32"
  | "scatter_max_f32"
  | "scatter_min_f32"
  | "scatter_add_i32"
  | "scatter_mul_i32"
  | "scatter_max_i32"
  | "scatter_min_i32"
  | "scatter_take_f32"
  | "floor_mean_i32"
  | "mask_count_i32"
  | "mask_list_i32"
  | "unravel_i32"
  | "searchsorted_f32"
  | "searchsorted_i32"
  | "cross_entropy_f32"
  | "cross_entropy_backward_f32"
  | "matmul_pack_f32"
  | "matmul_unpack_f32"
  | "embedding_packed_f32"
  | "matmul_f32"
  | "matmul_batched_f32"
  | "matmul_i32"
  | "matvec_f32"
  | "matvec_packed_f32"
  | "layernorm_f32"
  | "layernorm_backward_f32"
  | "layernorm_backward_params_f32"
  | "adam_f32"
  | "nadam_f32"
  | "radam_f32"
  | "adamax_f32"
  | "adagrad_f32"
  | "adadelta_f32"
  | "rmsprop_f32"
  | "lion_f32"
  | "sgd_f32"
  | "unfold_b4"
  | "fold_f32"
  | "pick_b4"
  | "pick_backward_f32"
  | "max_pool_f32"
  | "max_pool_i32"
  | "plane_scatter_f32"
  | "plane_gather_f32"
  | "quantize_f32"
  | "dequantize_f32"
  | "quantize_row_f32"
  | "matvec_quantized_f32"
  | "matmul_quantized_f32"
  | "embedding_quantized_f32"
  | "philox_uniform_f32"
  | "philox_normal_f32"
  | "philox_integers_i32"
  | "dropout_f32"
  | "gather_rows_f32"
  | "rnn_cell_f32"
  | "rnn_cell_backward_f32"
  | "lstm_cell_f32"
  | "lstm_cell_backward_f32"
  | "gru_reset_f32"
  | "gru_cell_f32"
  | "gru_cell_backward_f32"
  | "gru_reset_backward_f32"
  | "sum_f32"
  | "sum_i32"
  | "sum_bool_i32"
  | "prod_f32"
  | "prod_i32"
  | "variance_f32"
  | "amax_f32"
  | "amin_f32"
  | "argmax_i32"
  | "argmin_i32"
  | "extreme_i32"
  | "arg_extreme_i32"
  | "sum_squares_f64"
  | "relative_spread_f32"
  | "relative_sum_f32"
  | "repeat_rows"
  | "repeat_rows_backward_f32"
  | "resample_f32"
  | "angle_table_f32"
  | "rotary_f32"
  | "cumprod_f32"
  | "cumprod_i32"
  | "cumprod_backward_f32"
  | "prod_backward_f32"
  | "cumextreme_i32"
  | "logcumsumexp_f32"
  | "logcumsumexp_backward_f32"
  | "softmax_f32"
  | "softmax_backward_f32"
  | "log_softmax_f32"
  | "log_softmax_backward_f32"
  | "order_i32"
  | "mode_i32"
  | "unique_i32";

/** Kernels that take scratch, as the last parameter before the range. */
export const workKernels = ["attention_f32", "attention_backward_f32", "conv_f32", "conv_input_f32", "conv_weight_f32", "ctc_f32", "ctc_backward_f32", "depthwise_f32", "depthwise_input_f32", "depthwise_weight_f32", "matmul_f32", "matmul_batched_f32", "quantize_f32", "dequantize_f32", "matvec_quantized_f32", "matmul_quantized_f32", "prod_backward_f32", "order_i32", "mode_i32"] as const;
