// Module: a tree of parameters, buffers and submodules, found by their field names, so that the path of a parameter is
// its name in a checkpoint. torch.nn.Module

import { SaccadeError } from "@saccade/kernels";
import { noGrad } from "../autograd/tape.ts";
import { fail, refuse } from "../ops/arguments.ts";
import { copyElements, unpackRows } from "../ops/contiguous.ts";
import { isPackedAs, type PackOptions, packInPlace, packOptions, unpackInPlace } from "../ops/packing.ts";
import { scope } from "../scope.ts";
import { formatShape, sameShape } from "../shape.ts";
import { Tensor } from "../tensor.ts";
import { Parameter } from "./parameter.ts";
import { stateDictError } from "./stateDictError.ts";

export { build, Parameter } from "./parameter.ts";

/**
 * A weight that `pack` lays out for the matrix product: (N, K) as Linear has it, or (K, N). One of more axes counts as
 * (N, all others), and is packed in a dtype of few bits only.
 */
export interface Packable {
  readonly weight: Tensor;
  readonly transposed: boolean;
}

/** Reads, or by returning a tensor replaces, a value inside a module. */
export type Hook = (value: Tensor, point: string) => Tensor | undefined;

/** Sees the arguments of a forward; an array it returns takes their place. */
export type ForwardPreHook = (module: Module, args: readonly unknown[]) => readonly unknown[] | undefined;

/** Sees the arguments and the result of a forward; what it returns, unless undefined, takes the place of the result. */
export type ForwardHook = (module: Module, args: readonly unknown[], result: unknown) => unknown;

export interface LoadReport {
  readonly missing: string[];
  readonly unexpected: string[];
}

/** Objects whose every field assignment is checked. A class of its own, so that Module's private fields lie on the proxy. */
class Guarded {
  constructor() {
    // biome-ignore lint/correctness/noConstructorReturn: the guard must see every assignment to a field
    return new Proxy(this, fieldGuard);
  }
}

export abstract class Module extends Guarded {
  training = true;
  readonly #hooks = new Map<string, { readonly hook: Hook }[]>();
  #preHooks: readonly { readonly hook: ForwardPreHook }[] = [];
  #forwardHooks: readonly { readonly hook: ForwardHook }[] = [];
  readonly #transientBuffers = new Set<string>();

  // biome-ignore lint/suspicious/noExplicitAny: each module has its own arguments
  abstract forward(...args: any[]): unknown;

  // -- the tree ------------------------------------------------------------------------------------------------

  *namedChildren(): Generator<[string, Module]> {
    for (const [name, value] of Object.entries(this)) {
      if (isModule(value)) yield [name, value];
    }
  }

  children(): Module[] {
    return [...this.namedChildren()].map(([, module]) => module);
  }

  /** This module and all below it, by path ("" is this one). */
  *namedModules(prefix = ""): Generator<[string, Module]> {
    yield [prefix, this];
    for (const [name, child] of this.namedChildren()) yield* child.namedModules(join(prefix, name));
  }

  modules(): Module[] {
    return [...this.namedModules()].map(([, module]) => module);
  }

  /** The module at a path such as "transformer.h.0.attn". */
  getSubmodule(path: string): Module {
    for (const [name, module] of this.namedModules()) if (name === path) return module;
    return fail("argument", `there is no submodule "${path}" in ${this.constructor.name}`);
  }

  /** Parameters by path; a shared one appears once, under its first name, unless `removeDuplicate` is false. */
  *namedParameters(options: { removeDuplicate?: boolean } = {}): Generator<[string, Parameter]> {
    const seen = new Set<Parameter>();
    for (const [path, module] of this.namedModules()) {
      for (const [name, value] of Object.entries(module)) {
        if (!(value instanceof Parameter) || (options.removeDuplicate !== false && seen.has(value))) continue;
        seen.add(value);
        yield [join(path, name), value];
      }
    }
  }

  parameters(): Parameter[] {
    return [...this.namedParameters()].map(([, parameter]) => parameter);
  }

  /** Tensors that are not trained: those that are part of the state, or with `transient` all of them. */
  *namedBuffers(options: { transient?: boolean } = {}): Generator<[string, Tensor]> {
    for (const [path, module] of this.namedModules()) {
      for (const [name, value] of Object.entries(module)) {
        if (!(value instanceof Tensor) || value instanceof Parameter) continue;
        if (options.transient || !module.#transientBuffers.has(name)) yield [join(path, name), value];
      }
    }
  }

  buffers(): Tensor[] {
    return [...this.namedBuffers({ transient: true })].map(([, buffer]) => buffer);
  }

  /** Makes a tensor part of this module; with `persistent: false` it is not saved. */
  registerBuffer(name: string, buffer: Tensor, options: { persistent?: boolean } = {}): void {
    this.#checkName("registerBuffer", name);
    buffer.scope?.forget(buffer);
    if (options.persistent === false) this.#transientBuffers.add(name);
    else this.#transientBuffers.delete(name);
    (this as Record<string, unknown>)[name] = buffer;
  }

  /** Makes a parameter part of this module under a name that need not be a field of its class. */
  registerParameter(name: string, parameter: Parameter | null): void {
    this.#checkName("registerParameter", name);
    (this as Record<string, unknown>)[name] = parameter;
  }

  /** Makes a module part of this one under a name that need not be a field of its class. */
  registerModule(name: string, module: Module): void {
    this.#checkName("registerModule", name);
    (this as Record<string, unknown>)[name] = module;
  }

  /** A name that may be a part of a path and is no method of modules. */
  #checkName(method: string, name: string): void {
    if (
      typeof name === "string" &&
      name !== "" &&
      !name.includes(".") &&
      !(name in Object.getPrototypeOf(this))
    )
      return;
    refuse(method, "name", "a word without a dot that is no method of Module", name);
  }

  /** Runs `visit` on every module below this one and then on this one, as initialisers are applied. Returns itself. */
  apply(visit: (module: Module) => void): this {
    for (const child of this.children()) child.apply(visit);
    visit(this);
    return this;
  }

  /** Freezes all parameters, or makes them trainable again. Returns itself. */
  requiresGrad_(wanted = true): this {
    for (const parameter of this.parameters()) parameter.requiresGrad_(wanted);
    return this;
  }

  // -- state ---------------------------------------------------------------------------------------------------

  /** Parameters and buffers by name: the tensors themselves, not copies. Shared ones appear under each name. */
  stateDict(): Map<string, Tensor> {
    return new Map<string, Tensor>([
      ...this.namedParameters({ removeDuplicate: false }),
      ...this.namedBuffers(),
    ]);
  }

  /** Copies values into parameters and buffers. Missing, unexpected and mis-shaped names are one error when strict. */
  loadStateDict(state: ReadonlyMap<string, Tensor>, options: { strict?: boolean } = {}): LoadReport {
    const own = this.stateDict();
    const missing = [...own.keys()].filter((name) => !state.has(name));
    const unexpected = [...state.keys()].filter((name) => !own.has(name));
    const misshaped: string[] = [];
    for (const [name, target] of own) {
      const source = state.get(name);
      if (source === undefined) continue;
      if (!sameShape(source.shape, target.shape)) {
        misshaped.push(`${name} is ${formatShape(source.shape)}, the model has ${formatShape(target.shape)}`);
      } else if (source.dtype !== target.dtype) {
        misshaped.push(`${name} is ${source.dtype}, the model has ${target.dtype}`);
      }
    }
    const strict = options.strict ?? true;
    if (misshaped.length > 0 || (strict && missing.length + unexpected.length > 0)) {
      throw stateDictError(this.constructor.name, missing, unexpected, misshaped);
    }
    for (const [name, target] of own) {
      const source = state.get(name);
      if (source !== undefined) assign(target, source);
    }
    return { missing, unexpected };
  }

  /** Forgets all gradients. */
  zeroGrad(): void {
    for (const parameter of this.parameters()) parameter.zeroGrad();
  }

  /** Training or evaluation mode of all submodules. Training needs weights in rows, so it unpacks them. */
  train(mode = true): this {
    for (const module of this.modules()) module.training = mode;
    if (mode) this.unpack();
    return this;
  }

  eval(): this {
    return this.train(false);
  }

  // -- packed weights ------------------------------------------------------------------------------------------

  /** The weight this module multiplies with, if it can be packed for inference. */
  packable(): Packable | null {
    return null;
  }

  /**
   * Lays weights out in the order the matrix product reads them, in place: faster inference, no gradients. With a dtype of
   * "f16", "bf16", "int8" or "int4" they are rounded to it and kept in it: half of the memory, about a third, or a sixth.
   */
  pack(options?: PackOptions): this {
    const how = packOptions(options);
    for (const module of this.modules()) {
      const { weight, transposed = false } = module.packable() ?? {};
      if (weight?.panel && options?.dtype !== undefined && !isPackedAs(weight.panel, how))
        unpackInPlace(weight);
      if (weight?.panel === null) packInPlace(weight, transposed, how);
    }
    return this;
  }

  /** Puts packed weights back into rows. */
  unpack(): this {
    for (const weight of this.#tensors()) if (weight.panel !== null) unpackInPlace(weight);
    return this;
  }

  // -- hooks ---------------------------------------------------------------------------------------------------

  /**
   * Listens at a hook point: "<path>.output" of any module, or a point a module names itself, such as
   * "transformer.h.0.attn.pattern". The returned function removes the hook.
   */
  registerHook(point: string, hook: Hook): () => void {
    const dot = point.lastIndexOf(".");
    const module = dot < 0 ? this : this.getSubmodule(point.slice(0, dot));
    const name = point.slice(dot + 1);
    if (name !== "output" && !module.hookPoints().includes(name)) {
      const known = ["output", ...module.hookPoints()].join(", ");
      fail(
        "argument",
        `registerHook: ${module.constructor.name} has no hook point "${name}"; it has ${known}`,
      );
    }
    // An object of its own, so that removing one of two equal hooks leaves the other.
    const entry = { hook };
    module.#hooks.set(name, [...(module.#hooks.get(name) ?? []), entry]);
    if (name === "output") module.#wrapForward();
    return () => {
      const others = (module.#hooks.get(name) ?? []).filter((other) => other !== entry);
      module.#hooks.set(name, others);
    };
  }

  /** Names this module passes values through beside "output". */
  hookPoints(): readonly string[] {
    return [];
  }

  /** True when somebody listens at one of `points`. */
  hooked(...points: string[]): boolean {
    return points.some((point) => (this.#hooks.get(point)?.length ?? 0) > 0);
  }

  /** Passes a value through the hooks of a point. */
  tap(point: string, value: Tensor): Tensor {
    let current = value;
    for (const { hook } of this.#hooks.get(point) ?? []) {
      const replaced: unknown = hook(current, point);
      if (replaced !== undefined && !(replaced instanceof Tensor)) {
        refuse("a hook", `the result at "${point}"`, "a Tensor or undefined, at once", replaced);
      }
      current = replaced ?? current;
    }
    return current;
  }

  /** Runs `hook` before every forward of this module. The returned function removes it. torch.nn.Module.register_forward_pre_hook */
  registerForwardPreHook(hook: ForwardPreHook): () => void {
    const entry = { hook };
    this.#preHooks = [...this.#preHooks, entry];
    this.#wrapForward();
    return () => {
      this.#preHooks = this.#preHooks.filter((other) => other !== entry);
    };
  }

  /** Runs `hook` behind every forward of this module. The returned function removes it. torch.nn.Module.register_forward_hook */
  registerForwardHook(hook: ForwardHook): () => void {
    const entry = { hook };
    this.#forwardHooks = [...this.#forwardHooks, entry];
    this.#wrapForward();
    return () => {
      this.#forwardHooks = this.#forwardHooks.filter((other) => other !== entry);
    };
  }

  #wrapForward(): void {
    if (Object.hasOwn(this, "forward")) return;
    const forward = this.forward;
    Object.defineProperty(this, "forward", {
      configurable: true,
      value: (...given: unknown[]) => {
        let args: readonly unknown[] = given;
        for (const { hook } of this.#preHooks) args = hook(this, args) ?? args;
        let result: unknown = forward.apply(this, [...args]);
        for (const { hook } of this.#forwardHooks) {
          const replaced = hook(this, args, result);
          if (replaced !== undefined) result = replaced;
        }
        return result instanceof Tensor ? this.tap("output", result) : this.#tapFields(result);
      },
    });
  }

  /** The output of a module that returns several values is the first of them that is a tensor. */
  #tapFields(result: unknown): unknown {
    if (typeof result !== "object" || result === null) return result;
    const field = Object.entries(result).find(([, value]) => value instanceof Tensor);
    if (field === undefined) return result;
    const [name, value] = field;
    const tapped = { ...result, [name]: this.tap("output", value as Tensor) };
    return Array.isArray(result) ? Object.values(tapped) : tapped;
  }

  /** Frees all parameters, buffers and gradients. */
  dispose(): void {
    for (const tensor of this.#tensors()) tensor.dispose("its module was disposed");
  }

  #tensors(): Tensor[] {
    return [...this.parameters(), ...[...this.namedBuffers({ transient: true })].map(([, buffer]) => buffer)];
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

const fieldGuard: ProxyHandler<Guarded> = {
  set(target, field, value, receiver) {
    checkField(target, field, value);
    return Reflect.set(target, field, value, receiver);
  },
  defineProperty(target, field, descriptor) {
    checkField(target, field, descriptor.value);
    return Reflect.defineProperty(target, field, descriptor);
  },
};

function checkField(module: Guarded, field: string | symbol, value: unknown): void {
  if (value instanceof Tensor && value.scope !== null) {
    throw new SaccadeError(
      "scope",
      `${module.constructor.name}.${String(field)}: this tensor is freed when its scope ends; ` +
        "make it in persistent(() => …), as a Parameter, or give it to registerBuffer",
    );
  }
}

// Bundlers rename a class that its own body speaks of, and errors say its name: such code stands outside.
const isModule = (value: unknown): value is Module => value instanceof Module;

const join = (prefix: string, name: string): string => (prefix === "" ? name : `${prefix}.${name}`);

function assign(target: Tensor, source: Tensor): void {
  if (target.panel !== null) unpackInPlace(target);
  noGrad(() => scope(() => copyElements(target, source.panel === null ? source : unpackRows(source))));
  target.storage.version++;
}
