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
   * dtable[index[i]] += dy[i], in the order of i: dy dense (n, C), rows of dtable `table_stride` apart. Always
   * adds. Units: blocks of 16 columns, ceil(C / 16) of them; each passes over all n rows.
   */
  embedding_backward_f32(
    dtable: F32Ptr,
    dy: F32Ptr,
    index: I32Ptr,
    n: Count,
    C: Count,
    table_stride: Stride,
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
    begin: Index,
    end: Index,
  ): void;
  /**
   * dlogits = scale * dloss * (softmax(logits) - onehot(target)) (+ dlogits if acc), 0 where target is
   * ignore_index. logits (R, V) with rows `stride` apart, dlogits with rows `dstride` apart; target, lse dense
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
  /** y = act(x B + bias), or y += x B when acc, B (K, N) packed by matmul_pack_f32. Units: 4 panels. */
  matvec_packed_f32(
    y: F32Ptr,
    x: F32Ptr,
    packed: F32Ptr,
    bias: F32Ptr,
    N: Count,
    K: Count,
    act: number,
    acc: Flag,
    begin: Index,
    end: Index,
  ): void;
  /**
   * y = (x - mean) * rstd * weight + bias over each row, rstd = 1 / sqrt(var + eps), var the biased variance.
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
    begin: Index,
    end: Index,
  ): void;
  /**
   * dx = rstd * (g - avg(g) - xhat * avg(g * xhat)) (+ dx if acc), g = dy * weight, xhat = (x - mean) * rstd,
   * averages over the row. dy dense; rows of x and dx by their strides; weight (N) or 0: 1; mean, rstd (D0*D1)
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
   * AdamW (Loshchilov and Hutter, 1711.05101): g <- g * grad_scale; p <- p (1 - lr weight_decay); m <- m + (1
   * - beta1)(g - m); v <- beta2 v + (1 - beta2) g^2; p <- p - lr/bias1 m / (sqrt(v)/sqrt(bias2) + eps). bias1
   * = 1 - beta1^t, bias2 = 1 - beta2^t. p, g, m, v hold n elements and do not overlap; g is only read. begin,
   * end: elements.
   */
  adamw_f32(
    p: F32Ptr,
    g: F32Ptr,
    m: F32Ptr,
    v: F32Ptr,
    n: Count,
    lr: number,
    beta1: number,
    beta2: number,
    eps: number,
    weight_decay: number,
    bias1: number,
    bias2: number,
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
   * Register-only multiply-adds: 12 independent chains of 4 lanes, one step of each per iteration (a chain
   * waits 4 cycles for itself, so 8 saturate two units). flops = iterations * 12 * 4 * 2. Returns a value that
   * depends on all. x and y trade places so that they are variables of the loop: V8 rebuilds a constant vector
   * at each of its uses.
   */
  fma_peak_f32(iterations: Count): number;
  /** Sum of x (n), n a multiple of 32 (the rest is not read): 8 vectors per step, as fast as memory gives them. */
  stream_read_f32(x: F32Ptr, n: Count): number;
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
  /** out = maximum of x over the reduced axes, NaN if one is NaN; layouts and units as sum_f32. */
  amax_f32(out: F32Ptr, x: F32Ptr, kept: LayoutPtr, reduced: LayoutPtr, begin: Index, end: Index): void;
  /** out = minimum of x over the reduced axes, NaN if one is NaN; layouts and units as sum_f32. */
  amin_f32(out: F32Ptr, x: F32Ptr, kept: LayoutPtr, reduced: LayoutPtr, begin: Index, end: Index): void;
  /** out = flat index (over the reduced axes, row-major) of the first maximum; the first NaN wins. As sum_f32. */
  argmax_i32(out: I32Ptr, x: F32Ptr, kept: LayoutPtr, reduced: LayoutPtr, begin: Index, end: Index): void;
  /** out = flat index (over the reduced axes, row-major) of the first minimum; the first NaN wins. As sum_f32. */
  argmin_i32(out: I32Ptr, x: F32Ptr, kept: LayoutPtr, reduced: LayoutPtr, begin: Index, end: Index): void;
  /** out[b] = sum of x^2 over the b-th 4096 elements of x (n), in f64. Units: blocks, ceil(n / 4096) of them. */
  sum_squares_f64(out: F64Ptr, x: F32Ptr, n: Count, begin: Index, end: Index): void;
  /** e^x. */
  exp_f64(x: number): number;
  /** ln x; -Infinity at 0, NaN below. */
  log_f64(x: number): number;
  /** cos x for |x| < 1.6e6; NaN beyond. */
  cos_f64(x: number): number;
  /** sin x for |x| < 1.6e6; NaN beyond. */
  sin_f64(x: number): number;
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
}

/** Hash of all signatures; `abi_hash()` of a module must say the same. */
export const ABI_HASH = 671929375;

/**
 * Parameter names; `work`: takes scratch; `parallel`: its last two parameters are a range of work units.
 */
export const signatures = {
  abi_hash: { params: [], work: false, parallel: false },
  abi_relaxed: { params: [], work: false, parallel: false },
  cumsum_f32: { params: ["y", "x", "lines", "N", "y_step", "x_step", "reverse", "acc", "begin", "end"], work: false, parallel: true },
  cumsum_i32: { params: ["y", "x", "lines", "N", "y_step", "x_step", "begin", "end"], work: false, parallel: true },
  clamp_f32: { params: ["out", "x", "layout", "low", "high", "begin", "end"], work: false, parallel: true },
  leaky_relu_f32: { params: ["out", "x", "layout", "slope", "begin", "end"], work: false, parallel: true },
  threshold_f32: { params: ["out", "x", "layout", "limit", "value", "begin", "end"], work: false, parallel: true },
  hard_sigmoid_f32: { params: ["out", "x", "layout", "begin", "end"], work: false, parallel: true },
  hard_swish_f32: { params: ["out", "x", "layout", "begin", "end"], work: false, parallel: true },
  soft_shrink_f32: { params: ["out", "x", "layout", "width", "begin", "end"], work: false, parallel: true },
  hard_shrink_f32: { params: ["out", "x", "layout", "width", "begin", "end"], work: false, parallel: true },
  elu_f32: { params: ["out", "x", "layout", "low", "high", "rate", "begin", "end"], work: false, parallel: true },
  softplus_f32: { params: ["out", "x", "layout", "beta", "limit", "begin", "end"], work: false, parallel: true },
  mish_f32: { params: ["out", "x", "layout", "begin", "end"], work: false, parallel: true },
  inside_backward_f32: { params: ["dx", "dy", "x", "layout", "low", "high", "slope", "acc", "begin", "end"], work: false, parallel: true },
  between_backward_f32: { params: ["dx", "dy", "x", "layout", "low", "high", "acc", "begin", "end"], work: false, parallel: true },
  leaky_relu_backward_f32: { params: ["dx", "dy", "x", "layout", "slope", "acc", "begin", "end"], work: false, parallel: true },
  hard_swish_backward_f32: { params: ["dx", "dy", "x", "layout", "acc", "begin", "end"], work: false, parallel: true },
  elu_backward_f32: { params: ["dx", "dy", "x", "layout", "low", "high", "rate", "acc", "begin", "end"], work: false, parallel: true },
  softplus_backward_f32: { params: ["dx", "dy", "x", "layout", "beta", "limit", "acc", "begin", "end"], work: false, parallel: true },
  mish_backward_f32: { params: ["dx", "dy", "x", "layout", "acc", "begin", "end"], work: false, parallel: true },
  pow_f32: { params: ["out", "a", "b", "layout", "which", "acc", "begin", "end"], work: false, parallel: true },
  modulo_f32: { params: ["out", "a", "b", "layout", "which", "acc", "begin", "end"], work: false, parallel: true },
  atan2_f32: { params: ["out", "a", "b", "layout", "acc", "begin", "end"], work: false, parallel: true },
  atan2_slope_f32: { params: ["out", "a", "b", "layout", "acc", "begin", "end"], work: false, parallel: true },
  pow_i32: { params: ["out", "a", "b", "layout", "acc", "begin", "end"], work: false, parallel: true },
  modulo_i32: { params: ["out", "a", "b", "layout", "which", "acc", "begin", "end"], work: false, parallel: true },
  add_f32: { params: ["out", "a", "b", "layout", "acc", "begin", "end"], work: false, parallel: true },
  sub_f32: { params: ["out", "a", "b", "layout", "acc", "begin", "end"], work: false, parallel: true },
  mul_f32: { params: ["out", "a", "b", "layout", "acc", "begin", "end"], work: false, parallel: true },
  div_f32: { params: ["out", "a", "b", "layout", "acc", "begin", "end"], work: false, parallel: true },
  maximum_f32: { params: ["out", "a", "b", "layout", "acc", "begin", "end"], work: false, parallel: true },
  minimum_f32: { params: ["out", "a", "b", "layout", "acc", "begin", "end"], work: false, parallel: true },
  add_i32: { params: ["out", "a", "b", "layout", "acc", "begin", "end"], work: false, parallel: true },
  sub_i32: { params: ["out", "a", "b", "layout", "acc", "begin", "end"], work: false, parallel: true },
  mul_i32: { params: ["out", "a", "b", "layout", "acc", "begin", "end"], work: false, parallel: true },
  maximum_i32: { params: ["out", "a", "b", "layout", "acc", "begin", "end"], work: false, parallel: true },
  minimum_i32: { params: ["out", "a", "b", "layout", "acc", "begin", "end"], work: false, parallel: true },
  eq_f32: { params: ["out", "a", "b", "layout", "begin", "end"], work: false, parallel: true },
  ne_f32: { params: ["out", "a", "b", "layout", "begin", "end"], work: false, parallel: true },
  lt_f32: { params: ["out", "a", "b", "layout", "begin", "end"], work: false, parallel: true },
  le_f32: { params: ["out", "a", "b", "layout", "begin", "end"], work: false, parallel: true },
  gt_f32: { params: ["out", "a", "b", "layout", "begin", "end"], work: false, parallel: true },
  ge_f32: { params: ["out", "a", "b", "layout", "begin", "end"], work: false, parallel: true },
  eq_i32: { params: ["out", "a", "b", "layout", "begin", "end"], work: false, parallel: true },
  ne_i32: { params: ["out", "a", "b", "layout", "begin", "end"], work: false, parallel: true },
  lt_i32: { params: ["out", "a", "b", "layout", "begin", "end"], work: false, parallel: true },
  le_i32: { params: ["out", "a", "b", "layout", "begin", "end"], work: false, parallel: true },
  gt_i32: { params: ["out", "a", "b", "layout", "begin", "end"], work: false, parallel: true },
  ge_i32: { params: ["out", "a", "b", "layout", "begin", "end"], work: false, parallel: true },
  and_bool: { params: ["out", "a", "b", "layout", "begin", "end"], work: false, parallel: true },
  or_bool: { params: ["out", "a", "b", "layout", "begin", "end"], work: false, parallel: true },
  xor_bool: { params: ["out", "a", "b", "layout", "begin", "end"], work: false, parallel: true },
  not_bool: { params: ["out", "a", "layout", "begin", "end"], work: false, parallel: true },
  where_f32: { params: ["out", "cond", "a", "b", "layout", "acc", "begin", "end"], work: false, parallel: true },
  where_i32: { params: ["out", "cond", "a", "b", "layout", "begin", "end"], work: false, parallel: true },
  copy_b4: { params: ["out", "x", "layout", "begin", "end"], work: false, parallel: true },
  copy_b1: { params: ["out", "x", "layout", "begin", "end"], work: false, parallel: true },
  fill_b4: { params: ["out", "layout", "bits", "begin", "end"], work: false, parallel: true },
  fill_b1: { params: ["out", "layout", "bits", "begin", "end"], work: false, parallel: true },
  cast_i32_f32: { params: ["out", "x", "layout", "begin", "end"], work: false, parallel: true },
  cast_f32_i32: { params: ["out", "x", "layout", "begin", "end"], work: false, parallel: true },
  cast_u8_f32: { params: ["out", "x", "layout", "begin", "end"], work: false, parallel: true },
  cast_u8_i32: { params: ["out", "x", "layout", "begin", "end"], work: false, parallel: true },
  cast_f32_u8: { params: ["out", "x", "layout", "begin", "end"], work: false, parallel: true },
  cast_i32_u8: { params: ["out", "x", "layout", "begin", "end"], work: false, parallel: true },
  exponential_f32: { params: ["out", "x", "layout", "rate", "one", "begin", "end"], work: false, parallel: true },
  logarithm_f32: { params: ["out", "x", "layout", "shift", "unit", "begin", "end"], work: false, parallel: true },
  hyperbolic_f32: { params: ["out", "x", "layout", "other", "one", "begin", "end"], work: false, parallel: true },
  erfc_f32: { params: ["out", "x", "layout", "begin", "end"], work: false, parallel: true },
  tan_f32: { params: ["out", "x", "layout", "begin", "end"], work: false, parallel: true },
  area_f32: { params: ["out", "x", "layout", "which", "factor", "begin", "end"], work: false, parallel: true },
  arc_f32: { params: ["out", "x", "layout", "which", "begin", "end"], work: false, parallel: true },
  exponential_backward_f32: { params: ["dx", "dy", "y", "layout", "rate", "one", "acc", "begin", "end"], work: false, parallel: true },
  logarithm_backward_f32: { params: ["dx", "dy", "x", "layout", "shift", "unit", "acc", "begin", "end"], work: false, parallel: true },
  tan_backward_f32: { params: ["dx", "dy", "y", "layout", "acc", "begin", "end"], work: false, parallel: true },
  ratio_backward_f32: { params: ["dx", "dy", "x", "layout", "constant", "square", "acc", "begin", "end"], work: false, parallel: true },
  root_backward_f32: { params: ["dx", "dy", "x", "layout", "constant", "square", "sign", "acc", "begin", "end"], work: false, parallel: true },
  round_f32: { params: ["out", "x", "layout", "up", "down", "which", "begin", "end"], work: false, parallel: true },
  frac_f32: { params: ["out", "x", "layout", "begin", "end"], work: false, parallel: true },
  sign_f32: { params: ["out", "x", "layout", "begin", "end"], work: false, parallel: true },
  neg_f32: { params: ["out", "x", "layout", "begin", "end"], work: false, parallel: true },
  abs_f32: { params: ["out", "x", "layout", "begin", "end"], work: false, parallel: true },
  exp_f32: { params: ["out", "x", "layout", "begin", "end"], work: false, parallel: true },
  log_f32: { params: ["out", "x", "layout", "begin", "end"], work: false, parallel: true },
  sqrt_f32: { params: ["out", "x", "layout", "begin", "end"], work: false, parallel: true },
  rsqrt_f32: { params: ["out", "x", "layout", "begin", "end"], work: false, parallel: true },
  reciprocal_f32: { params: ["out", "x", "layout", "begin", "end"], work: false, parallel: true },
  square_f32: { params: ["out", "x", "layout", "begin", "end"], work: false, parallel: true },
  sin_f32: { params: ["out", "x", "layout", "begin", "end"], work: false, parallel: true },
  cos_f32: { params: ["out", "x", "layout", "begin", "end"], work: false, parallel: true },
  tanh_f32: { params: ["out", "x", "layout", "begin", "end"], work: false, parallel: true },
  erf_f32: { params: ["out", "x", "layout", "begin", "end"], work: false, parallel: true },
  sigmoid_f32: { params: ["out", "x", "layout", "begin", "end"], work: false, parallel: true },
  relu_f32: { params: ["out", "x", "layout", "begin", "end"], work: false, parallel: true },
  silu_f32: { params: ["out", "x", "layout", "begin", "end"], work: false, parallel: true },
  gelu_f32: { params: ["out", "x", "layout", "begin", "end"], work: false, parallel: true },
  gelu_tanh_f32: { params: ["out", "x", "layout", "begin", "end"], work: false, parallel: true },
  exp_backward_f32: { params: ["dx", "dy", "y", "layout", "acc", "begin", "end"], work: false, parallel: true },
  log_backward_f32: { params: ["dx", "dy", "x", "layout", "acc", "begin", "end"], work: false, parallel: true },
  sqrt_backward_f32: { params: ["dx", "dy", "y", "layout", "acc", "begin", "end"], work: false, parallel: true },
  rsqrt_backward_f32: { params: ["dx", "dy", "y", "layout", "acc", "begin", "end"], work: false, parallel: true },
  reciprocal_backward_f32: { params: ["dx", "dy", "y", "layout", "acc", "begin", "end"], work: false, parallel: true },
  square_backward_f32: { params: ["dx", "dy", "x", "layout", "acc", "begin", "end"], work: false, parallel: true },
  sin_backward_f32: { params: ["dx", "dy", "x", "layout", "acc", "begin", "end"], work: false, parallel: true },
  cos_backward_f32: { params: ["dx", "dy", "x", "layout", "acc", "begin", "end"], work: false, parallel: true },
  tanh_backward_f32: { params: ["dx", "dy", "y", "layout", "acc", "begin", "end"], work: false, parallel: true },
  erf_backward_f32: { params: ["dx", "dy", "x", "layout", "acc", "begin", "end"], work: false, parallel: true },
  sigmoid_backward_f32: { params: ["dx", "dy", "y", "layout", "acc", "begin", "end"], work: false, parallel: true },
  relu_backward_f32: { params: ["dx", "dy", "y", "layout", "acc", "begin", "end"], work: false, parallel: true },
  silu_backward_f32: { params: ["dx", "dy", "x", "layout", "acc", "begin", "end"], work: false, parallel: true },
  gelu_backward_f32: { params: ["dx", "dy", "x", "layout", "acc", "begin", "end"], work: false, parallel: true },
  gelu_tanh_backward_f32: { params: ["dx", "dy", "x", "layout", "acc", "begin", "end"], work: false, parallel: true },
  abs_backward_f32: { params: ["dx", "dy", "x", "layout", "acc", "begin", "end"], work: false, parallel: true },
  index_check_i32: { params: ["index", "n", "limit"], work: false, parallel: false },
  embedding_f32: { params: ["out", "table", "index", "n", "C", "table_stride", "begin", "end"], work: false, parallel: true },
  embedding_backward_f32: { params: ["dtable", "dy", "index", "n", "C", "table_stride", "begin", "end"], work: false, parallel: true },
  cross_entropy_f32: { params: ["loss", "lse", "logits", "target", "R", "V", "stride", "ignore_index", "begin", "end"], work: false, parallel: true },
  cross_entropy_backward_f32: { params: ["dlogits", "logits", "target", "lse", "dloss", "dloss_stride", "scale", "R", "V", "stride", "dstride", "ignore_index", "acc", "begin", "end"], work: false, parallel: true },
  matmul_packed_bytes: { params: ["K", "N"], work: false, parallel: false },
  matmul_pack_f32: { params: ["packed", "B", "K", "N", "rs_b", "cs_b", "begin", "end"], work: false, parallel: true },
  matmul_unpack_f32: { params: ["B", "packed", "K", "N", "rs_b", "cs_b", "begin", "end"], work: false, parallel: true },
  embedding_packed_f32: { params: ["out", "packed", "index", "n", "K", "begin", "end"], work: false, parallel: true },
  matmul_units_f32: { params: ["M", "N", "K"], work: false, parallel: false },
  matmul_work_f32: { params: ["M", "N", "K"], work: false, parallel: false },
  matmul_f32: { params: ["C", "A", "packed", "bias", "M", "N", "K", "ldc", "rs_a", "cs_a", "act", "acc", "work", "begin", "end"], work: true, parallel: true },
  matmul_batched_units_f32: { params: ["D", "M", "N", "K"], work: false, parallel: false },
  matmul_batched_work_f32: { params: ["M", "N", "K"], work: false, parallel: false },
  matmul_batched_f32: { params: ["C", "A", "B", "D0", "D1", "M", "N", "K", "c_s0", "c_s1", "ldc", "a_s0", "a_s1", "rs_a", "cs_a", "b_s0", "b_s1", "rs_b", "cs_b", "alpha", "acc", "work", "begin", "end"], work: true, parallel: true },
  matvec_units_f32: { params: ["N"], work: false, parallel: false },
  matvec_f32: { params: ["y", "x", "B", "bias", "N", "K", "rs_b", "cs_b", "act", "acc", "begin", "end"], work: false, parallel: true },
  matvec_packed_units_f32: { params: ["N"], work: false, parallel: false },
  matvec_packed_f32: { params: ["y", "x", "packed", "bias", "N", "K", "act", "acc", "begin", "end"], work: false, parallel: true },
  layernorm_f32: { params: ["y", "mean", "rstd", "x", "weight", "bias", "D0", "D1", "N", "x_s0", "x_s1", "eps", "begin", "end"], work: false, parallel: true },
  layernorm_backward_f32: { params: ["dx", "dy", "x", "weight", "mean", "rstd", "D0", "D1", "N", "x_s0", "x_s1", "dx_s0", "dx_s1", "acc", "begin", "end"], work: false, parallel: true },
  layernorm_backward_params_f32: { params: ["dweight", "dbias", "dy", "x", "mean", "rstd", "D0", "D1", "N", "x_s0", "x_s1", "acc_weight", "acc_bias", "begin", "end"], work: false, parallel: true },
  adamw_f32: { params: ["p", "g", "m", "v", "n", "lr", "beta1", "beta2", "eps", "weight_decay", "bias1", "bias2", "grad_scale", "begin", "end"], work: false, parallel: true },
  sgd_f32: { params: ["p", "g", "buffer", "n", "lr", "momentum", "dampening", "weight_decay", "nesterov", "first", "grad_scale", "begin", "end"], work: false, parallel: true },
  fma_peak_f32: { params: ["iterations"], work: false, parallel: false },
  stream_read_f32: { params: ["x", "n"], work: false, parallel: false },
  philox_uniform_f32: { params: ["out", "n", "seed_lo", "seed_hi", "stream_lo", "stream_hi", "low", "high", "begin", "end"], work: false, parallel: true },
  philox_normal_f32: { params: ["out", "n", "seed_lo", "seed_hi", "stream_lo", "stream_hi", "mean", "std", "begin", "end"], work: false, parallel: true },
  dropout_f32: { params: ["y", "x", "layout", "p", "seed_lo", "seed_hi", "stream_lo", "stream_hi", "acc", "begin", "end"], work: false, parallel: true },
  sum_f32: { params: ["out", "x", "kept", "reduced", "acc", "begin", "end"], work: false, parallel: true },
  sum_i32: { params: ["out", "x", "kept", "reduced", "begin", "end"], work: false, parallel: true },
  sum_bool_i32: { params: ["out", "x", "kept", "reduced", "begin", "end"], work: false, parallel: true },
  amax_f32: { params: ["out", "x", "kept", "reduced", "begin", "end"], work: false, parallel: true },
  amin_f32: { params: ["out", "x", "kept", "reduced", "begin", "end"], work: false, parallel: true },
  argmax_i32: { params: ["out", "x", "kept", "reduced", "begin", "end"], work: false, parallel: true },
  argmin_i32: { params: ["out", "x", "kept", "reduced", "begin", "end"], work: false, parallel: true },
  sum_squares_f64: { params: ["out", "x", "n", "begin", "end"], work: false, parallel: true },
  exp_f64: { params: ["x"], work: false, parallel: false },
  log_f64: { params: ["x"], work: false, parallel: false },
  cos_f64: { params: ["x"], work: false, parallel: false },
  sin_f64: { params: ["x"], work: false, parallel: false },
  softmax_f32: { params: ["y", "x", "D0", "D1", "N", "x_s0", "x_s1", "scale", "causal", "begin", "end"], work: false, parallel: true },
  softmax_backward_f32: { params: ["dx", "dy", "y", "D0", "D1", "N", "dx_s0", "dx_s1", "scale", "acc", "begin", "end"], work: false, parallel: true },
  log_softmax_f32: { params: ["y", "x", "D0", "D1", "N", "x_s0", "x_s1", "begin", "end"], work: false, parallel: true },
  log_softmax_backward_f32: { params: ["dx", "dy", "y", "D0", "D1", "N", "dx_s0", "dx_s1", "acc", "begin", "end"], work: false, parallel: true },
} as const;
