// The gradient of one variable while it is being gathered. Views write straight into it: a view of the variable is the
// same view of this buffer. The first contribution writes, later ones add; what no view ever wrote is zeroed at the end.
import { fillElements } from "../ops/fill.ts";
import { persistent } from "../scope.ts";
import { type Geometry, isContiguous, numel, type Shape } from "../shape.ts";
import { empty, Tensor } from "../tensor.ts";

/** What part of a variable a view shows: every element once, one slab of an axis, or something else. */
export type Coverage = "all" | "some" | Slab;
export interface Slab {
  readonly axis: number;
  readonly begin: number;
  readonly end: number;
}
export const covering: Coverage = "all";

/** Where a backward kernel puts its result: into `tensor`, adding to what is there when `acc` is 1. */
export interface Target {
  readonly tensor: Tensor;
  readonly acc: 0 | 1;
}

export class Gradient {
  /** In the geometry of the variable, at offset 0. */
  readonly #root: Geometry;
  #buffer: Tensor | null = null;
  /** Slabs of one axis written so far; null once every element is. */
  #slabs: Slab[] | null = [];

  constructor(root: Geometry) {
    this.#root = root;
  }

  get isEmpty(): boolean {
    return this.#buffer === null;
  }

  /** The buffer as `view` of the variable shows it. */
  view(view: Geometry): Tensor | null {
    if (this.#buffer === null) return null;
    return sameGeometry(view, this.#root) ? this.#buffer : this.#show(view);
  }

  /** Memory for a contribution to `view`. */
  target(view: Geometry, coverage: Coverage): Target {
    const acc = this.#claim(coverage);
    return { tensor: this.#show(view), acc };
  }

  /** Takes `tensor` itself as the gradient if nothing was written yet and it has the right form. */
  take(view: Geometry, coverage: Coverage, tensor: Tensor): boolean {
    const whole =
      this.#buffer === null &&
      coverage === "all" &&
      tensor.offset === 0 &&
      tensor.storage.bytes === 4 * numel(this.#root.shape) &&
      sameOrder(view, tensor, this.#root);
    if (!whole) return false;
    tensor.storage.retain();
    const { shape, strides } = this.#root;
    const parts = { storage: tensor.storage, shape, strides, offset: 0, dtype: "f32" } as const;
    this.#buffer = persistent(() => new Tensor(parts));
    this.#slabs = null;
    return true;
  }

  /** Zeroes what was never written and returns the whole. */
  complete(): Tensor {
    const buffer = this.#alloc();
    for (const gap of this.#gaps()) {
      const part = this.#show(slabOf(this.#root, gap));
      fillElements(part, 0);
      part.dispose();
    }
    this.#slabs = null;
    return buffer;
  }

  dispose(): void {
    this.#buffer?.dispose("its gradient was dropped");
    this.#buffer = null;
    this.#slabs = [];
  }

  #alloc(): Tensor {
    this.#buffer ??= persistent(() => empty(this.#root.shape, "f32", this.#root.strides));
    return this.#buffer;
  }

  /** Decides between write (0) and add (1) for a contribution to `coverage`. */
  #claim(coverage: Coverage): 0 | 1 {
    this.#alloc();
    if (this.#slabs === null) return 1;
    if (coverage === "all" && this.#slabs.length === 0) {
      this.#slabs = null;
      return 0;
    }
    if (typeof coverage === "object" && this.#slabs.every((slab) => areDisjoint(slab, coverage))) {
      this.#slabs.push(coverage);
      return 0;
    }
    this.complete();
    return 1;
  }

  /** The unwritten slabs. */
  #gaps(): Slab[] {
    if (this.#slabs === null) return [];
    const written = [...this.#slabs].sort((a, b) => a.begin - b.begin);
    const axis = written[0]?.axis ?? 0;
    const size = this.#root.shape[axis] ?? 1;
    const gaps: Slab[] = [];
    let at = 0;
    for (const slab of written) {
      if (slab.begin > at) gaps.push({ axis, begin: at, end: slab.begin });
      at = Math.max(at, slab.end);
    }
    if (at < size) gaps.push({ axis, begin: at, end: size });
    return gaps;
  }

  #show(view: Geometry): Tensor {
    const buffer = this.#buffer as Tensor;
    buffer.storage.retain();
    const { shape, strides } = view;
    const offset = view.offset - this.#root.offset;
    return new Tensor({ storage: buffer.storage, shape, strides, offset, dtype: "f32" });
  }
}

function areDisjoint(a: Slab, b: Slab): boolean {
  return a.axis === b.axis && (a.end <= b.begin || b.end <= a.begin);
}

function sameGeometry(a: Geometry, b: Geometry): boolean {
  return a.offset === b.offset && equal(a.shape, b.shape) && equal(a.strides, b.strides);
}

function equal(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

/** True when `tensor`, seen as `view`, has its elements in the order of `root`. */
function sameOrder(view: Geometry, tensor: Geometry, root: Geometry): boolean {
  if (equal(view.strides, tensor.strides)) return true;
  return (
    isContiguous(view.shape, view.strides) &&
    isContiguous(tensor.shape, tensor.strides) &&
    isContiguous(root.shape, root.strides)
  );
}

function slabOf(root: Geometry, { axis, begin, end }: Slab): Geometry {
  const { shape, strides, offset } = root;
  return {
    shape: shape.map((size, i) => (i === axis ? end - begin : size)),
    strides,
    offset: offset + begin * (strides[axis] ?? 0),
  };
}
