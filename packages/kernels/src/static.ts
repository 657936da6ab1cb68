// @saccade/kernels/static: as the default entry, but without a dynamic import, which service workers forbid.
// Both builds are part of the bundle.
import { decodeBase64 } from "./base64.ts";
import relaxed from "./generated/wasm-relaxed.ts";
import simd from "./generated/wasm-simd.ts";
import { chooseVariant, type Instantiated, type InstantiateOptions, instantiateWith } from "./instantiate.ts";
import type { Variant } from "./variant.ts";

export * from "./surface.ts";

/** The module's bytes, for `init({ bytes: kernelBytes() })`. */
export function kernelBytes(variant: "auto" | Variant = "auto"): Uint8Array<ArrayBuffer> {
  return decodeBase64(chooseVariant(variant) === "relaxed" ? relaxed : simd);
}

/** Compiles and links the kernels for this runtime. */
export function instantiateKernels(options: InstantiateOptions): Promise<Instantiated> {
  return instantiateWith(options, async (variant) => kernelBytes(variant));
}
