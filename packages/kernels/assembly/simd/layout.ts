// Reading a layout descriptor (types.ts: LayoutPtr): sizes, strides and where a row of an operand starts.
import { Count, Index, LayoutPtr, Stride } from "../types";

/** Length of the last axis. */
// @ts-expect-error: decorator
@inline
export function columns_of(layout: LayoutPtr): Count {
  return load<i32>(layout, 4);
}

/** Product of the leading sizes, 1 without any. */
export function rows_of(layout: LayoutPtr): Count {
  const leading = load<i32>(layout);
  let rows = 1;
  for (let axis = 0; axis < leading; axis++) rows *= load<i32>(layout + (<usize>(2 + axis) << 2));
  return rows;
}

/** Stride of an operand along the last axis. */
// @ts-expect-error: decorator
@inline
export function stride_of(layout: LayoutPtr, operand: i32): Stride {
  const leading = load<i32>(layout);
  return load<i32>(layout + (<usize>(2 + leading + operand * (leading + 1) + leading) << 2));
}

/**
 * Elements from an operand's origin to the start of a row: the row taken apart over the leading axes, last
 * one first.
 */
export function leading_offset(layout: LayoutPtr, operand: i32, row: Index): Stride {
  const leading = load<i32>(layout);
  const sizes = layout + 8;
  const strides = sizes + (<usize>(leading + operand * (leading + 1)) << 2);
  let rest: u32 = row;
  let offset = 0;
  for (let axis = leading - 1; axis > 0 && rest != 0; axis--) {
    const size = load<u32>(sizes + (<usize>axis << 2));
    const quotient = rest / size;
    offset += <i32>(rest - quotient * size) * load<i32>(strides + (<usize>axis << 2));
    rest = quotient;
  }
  return leading == 0 ? 0 : offset + <i32>rest * load<i32>(strides);
}

/** Elements from an operand's origin to line `r`: the lines are the flat elements of the layout. */
export function line_start(lines: LayoutPtr, operand: i32, r: Index): Stride {
  const columns = columns_of(lines);
  return leading_offset(lines, operand, r / columns) + (r % columns) * stride_of(lines, operand);
}
