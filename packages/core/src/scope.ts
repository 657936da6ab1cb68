// Scopes free every tensor made inside them, anonymous intermediates included:
//   const loss = scope(() => model.forward(x).mean());     // everything but the result is freed
//   using step = scope();  …  step.keep(t);                 // the TypeScript form
import { SaccadeError } from "@saccade/kernels";
import { engine } from "./engine.ts";
import { Tensor } from "./tensor.ts";

// Safari and Node before 20 have no Symbol.dispose; the same fallback the compilers' helpers look for.
(Symbol as { dispose?: symbol }).dispose ??= Symbol.for("Symbol.dispose");

/** Open scopes, innermost last; null marks a `persistent` block. */
const open: (Scope | null)[] = [];

export class Scope {
  #tensors = new Set<Tensor>();
  #crossedAwait = false;

  constructor() {
    open.push(this);
    if (engine().info.development) {
      queueMicrotask(() => {
        this.#crossedAwait = true;
      });
    }
  }

  /** Takes a tensor, or every tensor in arrays and plain objects, out of this scope into the one around it. */
  keep<T>(value: T): T {
    for (const tensor of tensorsIn(value)) {
      if (tensor.scope !== this) continue;
      this.#tensors.delete(tensor);
      tensor.scope = null;
      const around = open[open.indexOf(this) - 1];
      if (around) around.adopt(tensor);
    }
    return value;
  }

  /** @internal */
  adopt(tensor: Tensor): void {
    tensor.scope = this;
    this.#tensors.add(tensor);
  }

  /** @internal */
  forget(tensor: Tensor): void {
    tensor.scope = null;
    this.#tensors.delete(tensor);
  }

  [Symbol.dispose](): void {
    const at = open.indexOf(this);
    if (at < 0) return;
    const late = this.#crossedAwait || at !== open.length - 1;
    open.splice(at, 1);
    for (const tensor of this.#tensors) tensor.dispose("its scope ended");
    if (late) {
      throw new SaccadeError(
        "scope",
        "a scope stayed open across an `await`, where tensors of other tasks fall into it; " +
          "close it before, or keep what must live with persistent(() => …)",
      );
    }
  }
}

/** Opens a scope for `using`, or runs `body` in one and returns its value, with the tensors in it kept. */
export function scope(): Scope;
export function scope<T>(body: () => T): T;
export function scope<T>(body?: () => T): T | Scope {
  const opened = new Scope();
  if (body === undefined) return opened;
  let value: T;
  try {
    value = body();
    refusePromise("scope", value);
    opened.keep(value);
  } finally {
    opened[Symbol.dispose]();
  }
  return value;
}

/** What is made inside outlives every scope: parameters, optimizer state, caches. Its owner disposes it. */
export function persistent<T>(body: () => T): T {
  open.push(null);
  try {
    const value = body();
    refusePromise("persistent", value);
    return value;
  } finally {
    open.splice(open.lastIndexOf(null), 1);
  }
}

/** @internal Called for each new tensor. */
export function adopt(tensor: Tensor): void {
  open.at(-1)?.adopt(tensor);
}

/** Tensors in a value, looked for in arrays, maps and plain objects. */
export function* tensorsIn(value: unknown, seen = new Set<unknown>()): Generator<Tensor> {
  if (value instanceof Tensor) yield value;
  if (!isContainer(value) || seen.has(value)) return;
  seen.add(value);
  const items = Array.isArray(value) || value instanceof Map ? value.values() : Object.values(value);
  for (const item of items) yield* tensorsIn(item, seen);
}

function isContainer(value: unknown): value is object {
  if (Array.isArray(value) || value instanceof Map) return true;
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** An error when the body of a block that ends with it goes on asynchronously. */
export function refusePromise(block: string, value: unknown): void {
  if (typeof (value as { then?: unknown } | null)?.then !== "function") return;
  // What the rest of the body runs into is a consequence of this error, and would end a Node process.
  (value as PromiseLike<unknown>).then(undefined, () => {});
  throw new SaccadeError(
    "scope",
    `${block}: its function returned a Promise; the block ends before the promise does`,
  );
}
