// Ops as methods: x.softmax(-1) is softmax(x, -1). The types follow from the table of ops; nothing is written twice.
import type { ExtremeMethod } from "./ops/extrema.ts";
import * as ops from "./ops/index.ts";
import type { MedianMethod } from "./ops/sort.ts";
import { detach, Tensor } from "./tensor.ts";

/** A function as a method; of an overloaded one its last two forms. */
type Method<F> = F extends {
  (self: Tensor, ...rest: infer R1): infer Result1;
  (self: Tensor, ...rest: infer R2): infer Result2;
}
  ? unknown[] extends R1
    ? (...rest: R2) => Result2
    : { (...rest: R1): Result1; (...rest: R2): Result2 }
  : never;

/** Functions whose first argument is not one tensor. */
const others = [
  "alibiSlopes",
  "broadcastTensors",
  "cartesianProd",
  "cat",
  "dstack",
  "einsum",
  "eye",
  "hstack",
  "linspace",
  "logspace",
  "meshgrid",
  "relativePositionBias",
  "sinusoidalPositions",
  "stack",
  "trilIndices",
  "triuIndices",
  "vstack",
  "where",
] as const;
type NotMethods = (typeof others)[number];

/** Functions of several forms: inference would see the last of them only. */
interface Overloaded {
  max: ExtremeMethod;
  min: ExtremeMethod;
  median: MedianMethod;
}

type Plain = Exclude<keyof typeof ops, NotMethods | keyof Overloaded>;

export type OpMethods = { [K in Plain]: Method<(typeof ops)[K]> } & Overloaded & {
    /** The same elements without a place on the tape. */
    detach(): Tensor;
  };

const notMethods: ReadonlySet<string> = new Set<NotMethods>(others);

for (const [name, op] of Object.entries({ ...ops, detach })) {
  if (notMethods.has(name)) continue;
  Object.defineProperty(Tensor.prototype, name, {
    configurable: true,
    writable: true,
    value(this: Tensor, ...rest: unknown[]) {
      return (op as (self: Tensor, ...rest: unknown[]) => unknown)(this, ...rest);
    },
  });
}
