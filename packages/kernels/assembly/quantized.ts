// Products with weights of few bits (simd/formats.ts): f16, bf16, and int8 or int4 with a scale per group of k-steps. They
// are kept packed. One row reads them once and widens on the way, or multiplies bytes by bytes when `fast` (the row is
// rounded, too); several rows go through f32 panels of one unit of the product at a time.
// Dettmers et al., "LLM.int8()", 2022, for scales by vector; Frantar et al., "GPTQ", 2022, for groups.

import { block_bytes, block_product, CACHED } from "./simd/block";
import { quantize_group, row_group_bytes, stripe_groups, stripe_halves, TOUCHED } from "./simd/few_bits";
import {
  format_panel_bytes,
  INT8,
  narrow_groups,
  narrow_halves,
  widen_element,
  widen_panel,
} from "./simd/formats";
import { NR, pack_panel, unpack_panel } from "./simd/pack";
import { stripe32 } from "./simd/stripe";
import { KC } from "./simd/tile";
import { block_rows, ceil_div, unit_panels } from "./simd/units";
import { BytePtr, Count, F32Ptr, Flag, I32Ptr, Index, Stride, WorkPtr } from "./types";

/** Columns of a unit of a row's product. */
const WIDTH: i32 = 32;

/** K in whole groups. */
function whole(K: Count, format: i32, group: Count): i32 {
  return format < INT8 ? K : ceil_div(K, group) * group;
}

/** Bytes of B (K, N) in a format: 1 f16 (all below 64), 2 bf16, 3 int8, 4 int4 in groups of a multiple of 8. */
export function quantized_bytes(K: Count, N: Count, format: i32, group: Count): i32 {
  return i32(<usize>ceil_div(N, NR) * format_panel_bytes(format, group, K));
}

/** Bytes of `work` of quantize_f32 and dequantize_f32. */
export function quantize_work(K: Count, format: i32, group: Count): i32 {
  return whole(K, format, group) << 5;
}

/** B (K, N), element (k, n) at B + k*rs_b + n*cs_b, in a format. Units: panels of 8 columns. */
export function quantize_f32(
  packed: BytePtr,
  B: F32Ptr,
  K: Count,
  N: Count,
  rs_b: Stride,
  cs_b: Stride,
  format: i32,
  group: Count,
  work: WorkPtr,
  begin: Index,
  end: Index,
): void {
  const bytes = format_panel_bytes(format, group, K);
  const rows = whole(K, format, group);
  for (let p = begin; p < end; ++p) {
    const from = B + ((<usize>(p * NR)) << 2) * <usize>cs_b;
    pack_panel(work, from, min(NR, N - p * NR), K, (<usize>rs_b) << 2, (<usize>cs_b) << 2);
    memory.fill(work + ((<usize>K) << 5), 0, (<usize>(rows - K)) << 5);
    const out = packed + <usize>p * bytes;
    if (format < INT8) narrow_halves(out, work, K, format);
    else narrow_groups(out, work, K, format, group);
  }
}

/** The inverse of quantize_f32, but for what was rounded away. Units: panels of 8 columns. */
export function dequantize_f32(
  B: F32Ptr,
  packed: BytePtr,
  K: Count,
  N: Count,
  rs_b: Stride,
  cs_b: Stride,
  format: i32,
  group: Count,
  work: WorkPtr,
  begin: Index,
  end: Index,
): void {
  const bytes = format_panel_bytes(format, group, K);
  for (let p = begin; p < end; ++p) {
    widen_panel(work, packed + <usize>p * bytes, K, format, group);
    const to = B + ((<usize>(p * NR)) << 2) * <usize>cs_b;
    unpack_panel(to, work, min(NR, N - p * NR), K, (<usize>rs_b) << 2, (<usize>cs_b) << 2);
  }
}

/** Bytes of a row of K elements in bytes. */
export function quantized_row_bytes(K: Count, group: Count): i32 {
  return i32(<usize>ceil_div(K, group) * row_group_bytes(group));
}

/** A row x (K) in bytes for the fast product with int8 or int4 weights. Units: groups. */
export function quantize_row_f32(
  out: BytePtr,
  x: F32Ptr,
  K: Count,
  format: i32,
  group: Count,
  begin: Index,
  end: Index,
): void {
  for (let g = begin; g < end; ++g) {
    const k = g * group;
    quantize_group(
      out + <usize>g * row_group_bytes(group),
      x + ((<usize>k) << 2),
      min(group, K - k),
      format,
      group,
    );
  }
}

/** Bytes of `work` of matvec_quantized_f32. */
export function matvec_quantized_work(K: Count, format: i32, fast: Flag): i32 {
  return format < INT8 || fast ? 0 : 4 * WIDTH * K;
}

/**
 * y = act(x B + bias), or y += x B when acc (then bias 0 and act 0). x (K) dense f32, or when `fast` from
 * quantize_row_f32; y (N) and bias (N) or 0 dense; act as in matmul_f32. y overlaps no input. Units: 32 columns each.
 */
export function matvec_quantized_f32(
  y: F32Ptr,
  x: BytePtr,
  packed: BytePtr,
  bias: F32Ptr,
  N: Count,
  K: Count,
  act: i32,
  acc: Flag,
  format: i32,
  group: Count,
  fast: Flag,
  work: WorkPtr,
  begin: Index,
  end: Index,
): void {
  const panel = format_panel_bytes(format, group, K);
  const stop = min(N, end * WIDTH);
  const large = <usize>ceil_div(stop - begin * WIDTH, NR) * panel > CACHED;
  for (let n = begin * WIDTH; n < stop; ) {
    const to = y + ((<usize>n) << 2);
    const from = packed + <usize>(n >> 3) * panel;
    const add = bias ? bias + ((<usize>n) << 2) : 0;
    const rest = stop - n;
    if (fast && format >= INT8) {
      const stripe = ((n - begin * WIDTH) / (2 * NR)) & 3;
      const follow = large && rest + 2 * NR * stripe >= 2 * TOUCHED * NR;
      const next = from + <usize>(TOUCHED - 2 * stripe) * panel + <usize>stripe * (panel >> 2);
      stripe_groups(
        to,
        x,
        from,
        rest > NR ? panel : 0,
        rest,
        ceil_div(K, group),
        format,
        group,
        add,
        act,
        acc,
        follow ? next : 0,
      );
      n += 2 * NR;
    } else if (format < INT8) {
      // Panels that are not there: one at a time, four times the same.
      const all = rest > 3 * NR;
      stripe_halves(to, x, from, all ? panel : 0, all ? rest : min(rest, NR), K, format, add, act, acc);
      n += all ? WIDTH : NR;
    } else {
      const panels = min(4, ceil_div(rest, NR));
      for (let p = 0; p < panels; ++p) {
        widen_panel(work + ((<usize>(p * K)) << 5), from + <usize>p * panel, K, format, group);
      }
      const jump = panels == 4 ? (<usize>K) << 5 : 0;
      for (let p = 0; p < panels; p += panels == 4 ? 4 : 1) {
        const at = (<usize>(p * NR)) << 2;
        const columns = panels == 4 ? rest : min(rest - p * NR, NR);
        const b = work + ((<usize>(p * K)) << 5);
        stripe32(to + at, x, 4, b, jump, 32, columns, K, KC, add ? add + at : 0, 1, act, acc);
      }
      n += WIDTH;
    }
  }
}

/** Bytes of `work` of matmul_quantized_f32: the f32 panels of a unit, and a block of A. Unsigned. */
export function matmul_quantized_work(M: Count, N: Count, K: Count): i32 {
  if (M == 0 || N == 0) return 0;
  return ((unit_panels(M, N, K) * K) << 5) + block_bytes(block_rows(M, N, K), N, K);
}

/**
 * C = act(A B + bias), or C += A B when acc, as matmul_f32 computes it with the widened B.
 * Units: matmul_units_f32(M, N, K).
 */
export function matmul_quantized_f32(
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
  act: i32,
  acc: Flag,
  format: i32,
  group: Count,
  work: WorkPtr,
  begin: Index,
  end: Index,
): void {
  const height = block_rows(M, N, K);
  const panels = unit_panels(M, N, K);
  const across = ceil_div(N, panels * NR);
  const bytes = format_panel_bytes(format, group, K);
  const rest = work + ((<usize>(panels * K)) << 5);
  for (let unit = begin; unit < end; ++unit) {
    const m = (unit / across) * height;
    const n = (unit % across) * panels * NR;
    const columns = min(panels * NR, N - n);
    for (let p = 0; p < ceil_div(columns, NR); ++p) {
      const from = packed + <usize>(n / NR + p) * bytes;
      widen_panel(work + ((<usize>(p * K)) << 5), from, K, format, group);
    }
    const c = C + ((<usize>(m * ldc + n)) << 2);
    const a = A + ((<usize>(m * rs_a)) << 2);
    const add = bias ? bias + ((<usize>n) << 2) : 0;
    block_product(c, a, work, add, min(height, M - m), columns, K, ldc, rs_a, cs_a, 1, act, acc, rest);
  }
}

/** out[i, k] = element (k, index[i]) of B (K, V), widened; out dense (n, K), indices valid. Units: rows i. */
export function embedding_quantized_f32(
  out: F32Ptr,
  packed: BytePtr,
  index: I32Ptr,
  n: Count,
  K: Count,
  format: i32,
  group: Count,
  begin: Index,
  end: Index,
): void {
  const bytes = format_panel_bytes(format, group, K);
  for (let i = begin; i < end; ++i) {
    const v = load<i32>(index + ((<usize>i) << 2));
    const from = packed + <usize>(v >> 3) * bytes;
    const to = out + ((<usize>i * <usize>K) << 2);
    for (let k = 0; k < K; ++k)
      store<f32>(to + ((<usize>k) << 2), widen_element(from, k, v & 7, format, group));
  }
}
