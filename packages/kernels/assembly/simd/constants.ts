// Vector constants that stay where they are put. V8 has no constant pool for wasm: it builds a v128 constant
// from a general register, three instructions, at each of its uses, in every iteration (an exponential of 14
// constants takes 25 cycles per vector that way and 9 with held ones). What it cannot prove constant it
// computes once and keeps in a register or on the stack, so constants used in a loop are XORed, before it,
// with a zero that only shows at run time.

/** Zero in all lanes for every n >= 0, which the compilers do not know. */
// @ts-expect-error: decorator
@inline
export function runtime_zero(n: i32): v128 {
  return i32x4.splat(n >>> 31);
}

/** c in all lanes; zero = runtime_zero(…). Call it before the loop. */
// @ts-expect-error: decorator
@inline
export function hold(zero: v128, c: f32): v128 {
  return v128.xor(zero, f32x4.splat(c));
}
