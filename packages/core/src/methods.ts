// Ops as methods: x.softmax(-1) is softmax(x, -1). The types follow from the table of ops; nothing is written twice.
import * as ops from "./ops/index.ts";
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
type NotMethods = "cat" | "stack" | "where";

export type OpMethods = { [K in Exclude<keyof typeof ops, NotMethods>]: Method<(typeof ops)[K]> } & {
  /** The same elements without a place on the tape. */
  detach(): Tensor;
};

const notMethods: ReadonlySet<string> = new Set<NotMethods>(["cat", "stack", "where"]);

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
