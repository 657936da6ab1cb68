// Making a batch of items: tensors and typed arrays are stacked, numbers become an f32 tensor and booleans a bool one,
// arrays and objects are collated part by part, anything else stays an array of items. torch.utils.data.default_collate
import { tensor } from "../create.ts";
import type { TypedArray } from "../dtype.ts";
import { stack } from "../ops/cat.ts";
import { scope } from "../scope.ts";
import { Tensor } from "../tensor.ts";

/** What collating items of type T gives. */
export type Collated<T> = T extends Tensor | TypedArray | number | boolean
  ? Tensor
  : T extends string
    ? T[]
    : T extends readonly unknown[]
      ? { -readonly [K in keyof T]: Collated<T[K]> }
      : T extends object
        ? { [K in keyof T]: Collated<T[K]> }
        : T[];

/** A batch of items that are alike. Labels that must be i32 come as tensors or Int32Arrays. */
export function defaultCollate<T>(items: readonly T[]): Collated<T> {
  return collated(items) as Collated<T>;
}

function collated(items: readonly unknown[]): unknown {
  const [first] = items;
  if (first instanceof Tensor) return stack(items as readonly Tensor[]);
  if (typeof first === "number" || typeof first === "boolean") return tensor(items as readonly number[]);
  if (ArrayBuffer.isView(first)) {
    return scope(() => stack((items as readonly TypedArray[]).map((values) => tensor(values))));
  }
  if (Array.isArray(first)) {
    return first.map((_, i) => collated((items as readonly (readonly unknown[])[]).map((item) => item[i])));
  }
  if (isRecord(first)) {
    const part = (key: string): unknown =>
      collated((items as Record<string, unknown>[]).map((item) => item[key]));
    return Object.fromEntries(Object.keys(first).map((key) => [key, part(key)]));
  }
  return items;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
