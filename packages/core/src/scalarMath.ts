// Functions of single numbers that are the same on every machine: kernels in f64, not Math.*. For schedules and scores.
import { engine } from "./engine.ts";

export function exp(x: number): number {
  return engine().kernels.exp_f64(x);
}

export function log(x: number): number {
  return engine().kernels.log_f64(x);
}

export function cos(x: number): number {
  return engine().kernels.cos_f64(x);
}

/** base^exponent for base > 0; whole exponents up to 64 by multiplication. */
export function pow(base: number, exponent: number): number {
  if (!Number.isInteger(exponent) || exponent < 0 || exponent > 64) return exp(exponent * log(base));
  let power = 1;
  for (let i = 0; i < exponent; i++) power *= base;
  return power;
}
