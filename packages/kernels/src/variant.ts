// The builds of the kernels and what this runtime can run. No feature-detection library: two modules of a few
// bytes.

/**
 * "simd" computes a*b + c with two roundings and gives the same bits everywhere; "relaxed" fuses where it
 * can.
 */
export type Variant = "simd" | "relaxed";

// () -> v128 functions with a body of: i32.const 0, i8x16.splat (three times for relaxed,
// f32x4.relaxed_madd), end.
const HEADER = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10];
const PROBES: Record<Variant, readonly number[]> = {
  simd: [...HEADER, 8, 1, 6, 0, 65, 0, 253, 15, 11],
  relaxed: [...HEADER, 19, 1, 17, 0, 65, 0, 253, 15, 65, 0, 253, 15, 65, 0, 253, 15, 253, 133, 2, 11],
};

/** Whether this runtime compiles modules of the build. */
export function variantSupported(variant: Variant): boolean {
  return WebAssembly.validate(Uint8Array.from(PROBES[variant]));
}
