// Max pooling over the planes of an image batch, adaptive or not, and the moves along its indices that are its
// gradient, max unpooling and the gradient of that. The windows of each axis come as tables, so one loop serves all.
import { zero_dense } from "./simd/rows";
import { max_window, max_windows4 } from "./simd/windows";
import { Count, F32Ptr, Flag, I32Ptr, Index, Stride } from "./types";

/** The windows of output rows [begin, end); see max_pool_f32. */
function maxima<T>(
  y: usize,
  index: I32Ptr,
  x: usize,
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
): void {
  const heights = rows + ((<usize>OH) << 2);
  const widths = columns + ((<usize>OW) << 2);
  for (let r = begin; r < end; ++r) {
    const plane = r / OH;
    const line = (<usize>(r - plane * OH)) << 2;
    const source = x + ((<usize>(plane * H * W)) << 2);
    const top = load<i32>(rows + line) * W;
    const height = load<i32>(heights + line);
    const out = (<usize>(r * OW)) << 2;
    for (let c = 0; c < OW; ) {
      const o = (<usize>c) << 2;
      const to = y + out + o;
      const at = index ? index + out + o : 0;
      const width = load<i32>(widths + o);
      if (c + 4 <= OW && v128.all_true<i32>(i32x4.eq(v128.load(widths + o), i32x4.splat(width)))) {
        const first = i32x4.add(v128.load(columns + o), i32x4.splat(top));
        max_windows4<T>(to, at, source, first, height, width, dH * W, dW);
        c += 4;
      } else {
        max_window<T>(to, at, source, top + load<i32>(columns + o), height, width, dH * W, dW);
        c += 1;
      }
    }
  }
}

/**
 * y = largest element of each window, index (or 0: not needed) = its place in its plane, row-major: the first of equal
 * ones, NaN before all. x dense (planes, H, W), y and index dense (planes, OH, OW). rows: OH first rows of windows, then
 * OH numbers of rows, dH apart; columns: the same of OW and dW. An empty window gives -Infinity and its first place.
 * Units: rows of y, planes * OH of them.
 */
export function max_pool_f32(
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
): void {
  maxima<f32>(y, index, x, rows, columns, H, W, OH, OW, dH, dW, begin, end);
}

/** As max_pool_f32; an empty window gives the least i32. */
export function max_pool_i32(
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
): void {
  maxima<i32>(y, index, x, rows, columns, H, W, OH, OW, dH, dW, begin, end);
}

/**
 * Puts x (planes, n) at the places `index` (planes, n) of planes of m elements: adds with `sum`, else the last one at a
 * place stays. y (planes, m) is zeroed first unless acc. All dense; 0 <= index < m. Units: planes.
 */
export function plane_scatter_f32(
  y: F32Ptr,
  x: F32Ptr,
  index: I32Ptr,
  m: Count,
  n: Count,
  sum: Flag,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  for (let p = begin; p < end; ++p) {
    const out = y + ((<usize>(p * m)) << 2);
    const from = (<usize>(p * n)) << 2;
    if (!acc) zero_dense(out, m);
    for (let i: usize = 0; i < (<usize>n) << 2; i += 4) {
      const to = out + ((<usize>load<i32>(index + from + i)) << 2);
      const v = load<f32>(x + from + i);
      store<f32>(to, sum ? load<f32>(to) + v : v);
    }
  }
}

/** y (planes, n) = x (planes, m) at the places `index` (planes, n) (+ y if acc). All dense. Units: planes. */
export function plane_gather_f32(
  y: F32Ptr,
  x: F32Ptr,
  index: I32Ptr,
  m: Count,
  n: Count,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  for (let p = begin; p < end; ++p) {
    const source = x + ((<usize>(p * m)) << 2);
    const from = (<usize>(p * n)) << 2;
    for (let i: usize = 0; i < (<usize>n) << 2; i += 4) {
      const v = load<f32>(source + ((<usize>load<i32>(index + from + i)) << 2));
      const to = y + from + i;
      store<f32>(to, acc ? load<f32>(to) + v : v);
    }
  }
}
