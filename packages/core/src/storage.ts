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
  #ptr = 0;
  #refs = 1;

  /** With `later`, takes its memory when that is first asked for. */
  constructor(bytes: number, later = false) {
    this.engine = engine();
    this.bytes = bytes;
    if (!later) this.#ptr = this.#allocate();
  }

  /** Byte address; an error when the engine has ended. */
  get ptr(): number {
    if (!this.engine.alive) {
      throw new SaccadeError("disposed", "this tensor belongs to an engine that was terminated");
    }
    if (this.#ptr === 0) this.#ptr = this.#allocate();
    return this.#ptr;
  }

  #allocate(): number {
    const { heap, info } = this.engine;
    const guard = info.development ? GUARD_BYTES : 0;
    const ptr = heap.alloc(Math.max(this.bytes + guard, 4));
    if (guard > 0) heap.u8(ptr + this.bytes, guard).fill(GUARD);
    return ptr;
  }

  retain(): void {
    this.#refs++;
  }

  release(): void {
    if (--this.#refs > 0 || this.#ptr === 0 || !this.engine.alive) return;
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
