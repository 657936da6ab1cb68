// @saccade/kernels: the default entry. The kernels are embedded, each build in a chunk of its own that is
// imported when it is needed: nothing to host, and no bundler has to understand wasm.
import { decodeBase64 } from "./base64.ts";
import { type Instantiated, type InstantiateOptions, instantiateWith } from "./instantiate.ts";

export * from "./surface.ts";

/** Compiles and links the kernels for this runtime. */
export function instantiateKernels(options: InstantiateOptions): Promise<Instantiated> {
  return instantiateWith(options, async (variant) => {
    const chunk =
      variant === "relaxed" ? import("./generated/wasm-relaxed.ts") : import("./generated/wasm-simd.ts");
    return decodeBase64((await chunk).default);
  });
}
