// @saccade/kernels/slim: the kernels as files beside the script, a quarter smaller than embedded. The build
// copies them; bundlers recognise `new URL(…, import.meta.url)` and do the same for an application.
import {
  chooseVariant,
  fetchKernels,
  type Instantiated,
  type InstantiateOptions,
  instantiateWith,
} from "./instantiate.ts";
import type { Variant } from "./variant.ts";

export * from "./surface.ts";

/** Where the module lies, for `init({ url: kernelUrl() })`. */
export function kernelUrl(variant: "auto" | Variant = "auto"): URL {
  return chooseVariant(variant) === "relaxed"
    ? new URL("./kernels-relaxed.wasm", import.meta.url)
    : new URL("./kernels-simd.wasm", import.meta.url);
}

/** Compiles and links the kernels for this runtime. */
export function instantiateKernels(options: InstantiateOptions): Promise<Instantiated> {
  return instantiateWith(options, (variant) => fetchKernels(kernelUrl(variant)));
}
