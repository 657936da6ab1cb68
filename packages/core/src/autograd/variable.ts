// A variable is what the tape knows values as: the result of one op, or a leaf. All views of a tensor share its
// variable. It lives while a tensor or a later tape entry refers to it; then the entry that made it is let go.
import type { Geometry } from "../shape.ts";
import { Gradient } from "./gradient.ts";
import { freeEntry, type TapeEntry } from "./tape.ts";

export class Variable {
  /** Geometry of the tensor it was made with; gradients have the same order of elements. */
  readonly geometry: Geometry;
  /** What computed it; null for a leaf. */
  node: TapeEntry | null;
  gradient: Gradient | null = null;
  #refs = 0;

  constructor(geometry: Geometry, node: TapeEntry | null) {
    this.geometry = geometry;
    this.node = node;
  }

  retain(): void {
    this.#refs++;
  }

  /** Drops one reference. Chains are let go by a loop, not by recursion: a tape may be a million entries long. */
  release(): void {
    const waiting: Variable[] = [this];
    for (let variable = waiting.pop(); variable !== undefined; variable = waiting.pop()) {
      if (--variable.#refs > 0) continue;
      variable.dropGradient();
      if (variable.node !== null) waiting.push(...freeEntry(variable.node));
    }
  }

  gathering(): Gradient {
    this.gradient ??= new Gradient(this.geometry);
    return this.gradient;
  }

  dropGradient(): void {
    this.gradient?.dispose();
    this.gradient = null;
  }
}
