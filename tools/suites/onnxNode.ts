// One node of an ONNX graph, as the table of operators reads it.
import { type DType, Tensor, tensor } from "@saccade/core";

/** What a case wants and we do not offer; the case counts as skipped. */
export class Unsupported extends Error {}

/** A tensor as it lies in tensors.bin. */
export interface StoredTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly at: number;
}

export type Attribute = number | string | readonly number[] | readonly string[] | StoredTensor;

export interface StoredNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

export class OnnxNode {
  readonly op: string;
  readonly opset: number;
  /** How many results are wanted, up to the last that has a name. */
  readonly wanted: number;
  readonly inputs: readonly (Tensor | null)[];
  readonly #attributes: StoredNode["attributes"];
  readonly #read: (stored: StoredTensor) => Tensor;

  constructor(
    { op, outputs, attributes }: StoredNode,
    inputs: readonly (Tensor | null)[],
    opset: number,
    read: (stored: StoredTensor) => Tensor,
  ) {
    this.op = op;
    this.opset = opset;
    this.wanted = outputs.findLastIndex((name) => name !== "") + 1;
    this.inputs = inputs;
    this.#attributes = attributes;
    this.#read = read;
  }

  /** Input i, which must be there. */
  x(i = 0): Tensor {
    const input = this.optional(i);
    if (input === null) throw new Error(`${this.op}: input ${i} is missing`);
    return input;
  }

  optional(i: number): Tensor | null {
    return this.inputs[i] ?? null;
  }

  /** All inputs of an operator that takes any number of them. */
  all(): Tensor[] {
    return this.inputs.map((_, i) => this.x(i));
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#attributes, name);
  }

  number(name: string, otherwise: number): number {
    return (this.#attributes[name] ?? otherwise) as number;
  }

  flag(name: string, otherwise = false): boolean {
    return this.number(name, Number(otherwise)) !== 0;
  }

  text(name: string, otherwise: string): string {
    return (this.#attributes[name] ?? otherwise) as string;
  }

  list(name: string): number[] | undefined {
    const value = this.#attributes[name];
    return Array.isArray(value) ? [...(value as readonly number[])] : undefined;
  }

  texts(name: string): readonly string[] | undefined {
    return this.#attributes[name] as readonly string[] | undefined;
  }

  tensor(name: string): Tensor | undefined {
    return this.has(name) ? this.#read(this.#attributes[name] as StoredTensor) : undefined;
  }

  /** The numbers of an input that says a shape, axes or the like. */
  values(i: number): number[] | undefined {
    const input = this.optional(i);
    return input === null ? undefined : [...input.toTypedArray()];
  }

  /** The same, from an attribute in older operator sets. */
  given(name: string, i: number): number[] | undefined {
    return this.list(name) ?? this.values(i);
  }
}

/** i32 numbers as a tensor. */
export function integers(values: readonly number[]): Tensor {
  return tensor(Int32Array.from(values));
}

/** An axis counted from the front. */
export function axisOf(axis: number, { rank }: Tensor): number {
  return axis < 0 ? axis + rank : axis;
}

export type Result = Tensor | readonly (Tensor | null)[];
export type Operator = (node: OnnxNode) => Result;
export type Operators = Readonly<Record<string, Operator>>;

export const resultsOf = (result: Result): readonly (Tensor | null)[] =>
  result instanceof Tensor ? [result] : result;
