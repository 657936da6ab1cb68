// What optimizers share: parameter groups, state dictionaries, freeing. torch.optim.Optimizer
import { SaccadeError } from "@saccade/kernels";
import { copyElements } from "../ops/contiguous.ts";
import { fillElements } from "../ops/fill.ts";
import { persistent } from "../scope.ts";
import { formatShape, type Shape, sameShape } from "../shape.ts";
import { empty, type Tensor } from "../tensor.ts";

/** Parameters that share options; whatever is not given comes from the optimizer. */
export type ParameterGroup<O> = { readonly params: readonly Tensor[] } & Partial<O>;

/** A group with all its options. `lr` and the rest may be set between steps, as schedules do. */
export type Group<O> = { readonly params: readonly Tensor[] } & O;

export abstract class Optimizer<O extends { lr: number }> {
  readonly groups: readonly Group<O>[];
  /** Steps taken. */
  steps = 0;
  /** Named state tensors of each parameter, in its shape. */
  readonly #state = new Map<Tensor, Map<string, Tensor>>();

  constructor(params: readonly Tensor[] | readonly ParameterGroup<O>[], defaults: O) {
    const groups = isGroups(params) ? params : [{ params } as unknown as ParameterGroup<O>];
    this.groups = groups.map((group) => ({ ...defaults, ...definedOf(group) }));
    for (const [i, group] of this.groups.entries()) this.#checkOptions(i, group);
    const all = this.groups.flatMap((group) => group.params);
    if (all.length === 0) throw new SaccadeError("argument", "an optimizer needs at least one parameter");
    if (new Set(all).size !== all.length) {
      throw new SaccadeError("argument", "a parameter appears twice in the groups of an optimizer");
    }
    for (const [i, parameter] of all.entries()) {
      if (!parameter.requiresGrad || !parameter.isContiguous) {
        throw new SaccadeError(
          "argument",
          `parameter ${i} ${parameter} must be dense and require a gradient`,
        );
      }
    }
  }

  get params(): Tensor[] {
    return this.groups.flatMap((group) => group.params);
  }

  /** What the optimizer remembers of a parameter, by the names torch.optim has for it. */
  protected abstract readonly stateNames: readonly string[];

  /** The first option of a group that is out of range, or null. */
  protected abstract wrongOption(group: Group<O>): keyof O | null;

  #checkOptions(i: number, group: Group<O>): void {
    const wrong = this.wrongOption(group);
    if (wrong === null) return;
    const { name } = this.constructor;
    throw new SaccadeError(
      "argument",
      `${name}: ${String(wrong)} of group ${i} is ${String(group[wrong])}, which is out of range`,
    );
  }

  /** Applies the gradients. Parameters without one are left alone. */
  step(): void {
    this.steps++;
    for (const group of this.groups) {
      for (const parameter of group.params) {
        const { grad } = parameter;
        if (grad === null || parameter.numel === 0) continue;
        this.update(parameter, grad, group);
        parameter.storage.version++;
      }
    }
  }

  zeroGrad(): void {
    for (const parameter of this.params) parameter.zeroGrad();
  }

  /** Updates one parameter in place. */
  protected abstract update(parameter: Tensor, gradient: Tensor, group: Group<O>): void;

  /** The state tensor `name` of a parameter, zero at first. `step` is one number, the others have the parameter's shape. */
  protected state(parameter: Tensor, name: string): Tensor {
    const own = this.#state.get(parameter) ?? new Map<string, Tensor>();
    this.#state.set(parameter, own);
    let tensor = own.get(name);
    if (tensor === undefined) {
      tensor = persistent(() => empty(stateShape(parameter, name)));
      fillElements(tensor, 0);
      own.set(name, tensor);
    }
    return tensor;
  }

  protected hasState(parameter: Tensor, name: string): boolean {
    return this.#state.get(parameter)?.has(name) ?? false;
  }

  /** State tensors by "<parameter number>.<name>", the tensors themselves. Beside it, keep `steps`. */
  stateDict(): Map<string, Tensor> {
    const entries = this.params.flatMap((parameter, i) =>
      [...(this.#state.get(parameter) ?? [])].map(([name, tensor]): [string, Tensor] => [
        `${i}.${name}`,
        tensor,
      ]),
    );
    return new Map(entries);
  }

  /** Takes up the state of an earlier run in place of its own. */
  loadStateDict(state: ReadonlyMap<string, Tensor>, steps: number): void {
    if (!Number.isSafeInteger(steps) || steps < 0) {
      throw new SaccadeError("argument", `an optimizer's steps must be an integer >= 0, got ${steps}`);
    }
    const { params } = this;
    const problems = [...state].flatMap(([key, tensor]) => this.#problem(key, tensor, state));
    if (problems.length > 0)
      throw new SaccadeError("stateDict", `the optimizer's state does not fit: ${problems.join("; ")}`);
    this.dispose();
    for (const [key, tensor] of state) {
      const [index, name] = key.split(".");
      copyElements(this.state(params[Number(index)], name), tensor);
    }
    this.steps = steps;
  }

  /** What is wrong with one entry of a state dictionary: nothing, or one sentence. */
  #problem(key: string, tensor: Tensor, state: ReadonlyMap<string, Tensor>): string[] {
    const [, index, name] = /^(\d+)\.(\w+)$/.exec(key) ?? [];
    const parameter = this.params[Number(index)];
    if (parameter === undefined) return [`there is no parameter for ${key}`];
    if (!this.stateNames.includes(name)) return [`${key} is none of ${this.stateNames.join(", ")}`];
    const missing = this.stateNames.filter((other) => !state.has(`${index}.${other}`));
    if (missing.length > 0) return [`${key} stands without ${missing.join(", ")}`];
    const shape = stateShape(parameter, name);
    if (tensor.dtype === "f32" && sameShape(tensor.shape, shape)) return [];
    return [`${key} is ${tensor.dtype} ${formatShape(tensor.shape)}, it must be f32 ${formatShape(shape)}`];
  }

  /** Frees the state. */
  dispose(): void {
    for (const own of this.#state.values()) for (const tensor of own.values()) tensor.dispose();
    this.#state.clear();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

function isGroups<O>(
  params: readonly Tensor[] | readonly ParameterGroup<O>[],
): params is readonly ParameterGroup<O>[] {
  return params.length > 0 && "params" in params[0];
}

function stateShape(parameter: Tensor, name: string): Shape {
  return name === "step" ? [] : parameter.shape;
}

/** The first of `names` whose option is negative or no number. */
export function firstNegative<K extends string>(options: Record<K, unknown>, names: readonly K[]): K | null {
  return names.find((name) => !((options[name] as number) >= 0)) ?? null;
}

/** The options that were given, without those set to undefined. */
export function definedOf<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}
