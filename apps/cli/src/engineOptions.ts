// Starting the engine for a command, and saying in one line what runs.
import { availableParallelism } from "node:os";
import { type EngineInfo, init } from "@saccade/core";
import { bytes, plural } from "./terminal/format.ts";

/** Options every command has. */
export interface GlobalOptions {
  readonly variant: "auto" | "simd" | "relaxed";
  readonly threads?: number;
  readonly debug?: boolean;
}

/** More than this by default would cost more to wake than they bring. */
const MOST_BY_DEFAULT = 16;

export function startEngine({ variant, threads }: GlobalOptions): Promise<EngineInfo> {
  return init({ variant, threads: threads ?? Math.min(availableParallelism(), MOST_BY_DEFAULT) });
}

export const variantNames: Readonly<Record<EngineInfo["variant"], string>> = {
  simd: "SIMD, bit-identical everywhere",
  relaxed: "relaxed SIMD",
};

/** "relaxed SIMD · 1 thread (why not more) · up to 4.0 GiB" */
export function engineLine({ variant, threads, threadsReason, maximumBytes }: EngineInfo): string {
  const why = threadsReason ? ` (${threadsReason})` : "";
  return `${variantNames[variant]} · ${plural(threads, "thread")}${why} · up to ${bytes(maximumBytes)}`;
}
