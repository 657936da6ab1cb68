// What opinfo.py wrote: calls, and the numbers beside them.
import { readFileSync } from "node:fs";

export interface TensorRecord {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly at: number;
  /** Axes from the largest stride to the smallest. */
  readonly order: readonly number[];
  readonly grad: boolean;
  /** Where its elements are after a call that changes them in place. */
  readonly after?: { readonly exact: number; readonly single: number };
}

export interface CallRecord {
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
  readonly tensors: readonly TensorRecord[];
}

export interface OutputRecord {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly exact: number;
  readonly single: number;
  readonly cotangent: number | null;
}

export interface SampleRecord extends CallRecord {
  readonly variant: string;
  readonly kind: "sample" | "reference" | "error" | "module";
  readonly dtype?: string;
  readonly skip?: string;
  readonly error?: string;
  readonly outputs: readonly OutputRecord[];
  readonly gradients: readonly { readonly exact: number; readonly single: number }[];
  readonly training?: boolean;
  /** Of a layer, those whose gradients stand behind the inputs'. */
  readonly parameters?: readonly string[];
  readonly construct?: CallRecord;
  readonly state?: Readonly<Record<string, Omit<TensorRecord, "order" | "grad">>>;
}

/** The numbers of one op's samples. */
export class Numbers {
  readonly #all: Float64Array;

  constructor(path: string) {
    const bytes = readFileSync(path);
    this.#all = new Float64Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 8);
  }

  at(start: number, shape: readonly number[]): Float64Array {
    return this.#all.subarray(start, start + shape.reduce((n, size) => n * size, 1));
  }
}

export function readSamples(directory: string, name: string): { samples: SampleRecord[]; numbers: Numbers } {
  const lines = readFileSync(`${directory}/${name}.jsonl`, "utf8").split("\n");
  const samples = lines.filter((line) => line !== "").map((line): SampleRecord => JSON.parse(line));
  return { samples, numbers: new Numbers(`${directory}/${name}.bin`) };
}
