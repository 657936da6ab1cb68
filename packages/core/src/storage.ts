// A block of engine memory shared by a tensor and its views, counted by references. `version` counts in-place writes,
// so that `backward` can refuse a saved tensor that changed.
import { SaccadeError } from "@saccade/kernels";
import { type Engine, engine } from "./engine.ts";

const GUARD_BYTES = 64;
const GUARD = 0xcd;

export class Storage {
  readonly engine: Engine;
  readonly bytes: number;
  version = 0;
  #ptr: number;
  #refs = 1;

  constructor(bytes: number) {
    this.engine = engine();
    this.bytes = bytes;
    const { heap, info } = this.engine;
    const guard = info.development ? GUARD_BYTES : 0;
    this.#ptr = heap.alloc(Math.max(bytes + guard, 4));
    if (guard > 0) heap.u8(this.#ptr + bytes, guard).fill(GUARD);
  }

  /** Byte address; an error when the engine has ended. */
  get ptr(): number {
    if (!this.engine.alive) {
      throw new SaccadeError("disposed", "this tensor belongs to an engine that was terminated");
    }
    return this.#ptr;
  }

  retain(): void {
    this.#refs++;
  }

  release(): void {
    if (--this.#refs > 0 || !this.engine.alive) return;
    const { heap, info } = this.engine;
    if (info.development) this.#checkGuard();
    heap.free(this.#ptr);
  }

  #checkGuard(): void {
    const guard = this.engine.heap.u8(this.#ptr + this.bytes, GUARD_BYTES);
    if (guard.some((byte) => byte !== GUARD)) {
      throw new SaccadeError("internal", `a kernel wrote behind the end of a buffer of ${this.bytes} bytes`);
    }
  }
}
