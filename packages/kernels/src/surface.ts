// What every entry of the package exports; the entries differ only in where their kernels come from.
export * from "./error.ts";
export * from "./generated/bindings.ts";
export { chooseVariant, type Instantiated, type InstantiateOptions } from "./instantiate.ts";
export * from "./memory.ts";
export * from "./probes.ts";
export { withSharedMemory } from "./sharing.ts";
export { MAX_THREADS } from "./threads/block.ts";
export { type PoolOptions, WorkerPool } from "./threads/pool.ts";
export { type WorkerLike, whyNotShared } from "./threads/spawn.ts";
export { type Variant, variantSupported } from "./variant.ts";
