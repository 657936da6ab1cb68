// What a module says of itself when it is loaded.

import { relaxedBuild } from "./simd/madd";
import { Flag } from "./types";

/** Hash of the exported signatures; equal to `ABI_HASH` of the bindings that fit this module. */
export function abi_hash(): i32 {
  return ABI_HASH;
}

/** 1 if multiply-adds are fused where the machine can (the relaxed build), 0 in the plain build. */
export function abi_relaxed(): Flag {
  return relaxedBuild();
}
