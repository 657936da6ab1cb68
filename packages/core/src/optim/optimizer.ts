// What optimizers share: parameter groups, state dictionaries, weight decay, freeing. torch.optim.Optimizer
import type { ParallelKernel } from "@saccade/kernels";
import { engine, type KernelArguments } from "../engine.ts";
import { fail, integerArgument, refuse } from "../ops/arguments.ts";
import { copyElements, writeElements } from "../ops/contiguous.ts";
import { fillElements } from "../ops/fill.ts";
import { persistent } from "../scope.ts";
import { formatShape, type Shape, sameShape } from "../shape.ts";
import { empty, f32, Tensor } from "../tensor.ts";

/** Parameters that share options; whatever is not given comes from the optimizer. */
export type ParameterGroup<O> = { readonly params: readonly Tensor[] } & Partial<O>;

/** A group with all its options. `lr` and the rest may be set between steps, as schedules do. */
export type Group<O> = { readonly params: readonly Tensor[] } & O;

/** Options that every optimizer has. */
export interface CommonOptions {
  lr: number;
  /** Added to the gradient times the parameter, or decoupled from it where the optimizer says so. */
  weightDecay: number;
  /** Climbs instead of descending. */
  maximize: boolean;
}

/** State that is one number, where the rest has the shape of its parameter. */
const scalarState: ReadonlySet<string> = new Set(["step", "mu_product"]);

export abstract class Optimizer<O extends CommonOptions> {
  readonly #groups: Group<O>[] = [];
  readonly #defaults: O;
  /** Steps taken. */
  steps = 0;
  /** Named state tensors of each parameter, in its shape. */
  readonly #state = new Map<Tensor, Map<string, Tensor>>();

  constructor(params: readonly Tensor[] | readonly ParameterGroup<O>[], options: Partial<O> = {}) {
    this.#defaults = { ...this.defaults(), ...definedOf(options) };
    const groups = isGroups(params) ? params : [{ params } as unknown as ParameterGroup<O>];
    for (const group of groups) this.addParamGroup(group);
    if (this.params.length === 0) {
      fail("argument", "an optimizer needs at least one parameter");
    }
  }

  get groups(): readonly Group<O>[] {
    return this.#groups;
  }

  /** Takes more parameters under its care, as when layers are unfrozen. torch.optim.Optimizer.add_param_group */
  addParamGroup(added: ParameterGroup<O>): void {
    const group: Group<O> = { ...this.#defaults, ...definedOf(added) };
    this.#checkOptions(this.#groups.length, group);
    const all = [...this.params, ...group.params];
    if (new Set(all).size !== all.length) {
      fail("argument", "a parameter appears twice in the groups of an optimizer");
    }
    for (const [i, parameter] of group.params.entries()) {
      if (!(parameter instanceof Tensor) || !parameter.requiresGrad || !parameter.isContiguous) {
        refuse(this.constructor.name, `parameter ${i}`, "a dense Tensor that requires a gradient", parameter);
      }
    }
    this.#groups.push(group);
  }

  get params(): Tensor[] {
    return this.groups.flatMap((group) => group.params);
  }

  protected abstract defaults(): O;

  /** What the optimizer remembers of a parameter, by the names torch.optim has for it. */
  protected abstract stateNames(group: Group<O>): readonly string[];

  /** The first option of a group that is out of range, or null. */
  protected abstract wrongOption(group: Group<O>): string | null;

  #checkOptions(i: number, group: Group<O>): void {
    const wrong = this.wrongOption(group);
    if (wrong === null) return;
    refuse(this.constructor.name, `${wrong} of group ${i}`, "in its range", group[wrong as keyof O]);
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

  /** The state tensor `name` of a parameter, at first filled with `initial`. */
  protected state(parameter: Tensor, name: string, initial = 0): Tensor {
    const own = this.#state.get(parameter) ?? new Map<string, Tensor>();
    this.#state.set(parameter, own);
    let tensor = own.get(name);
    if (tensor === undefined) {
      tensor = persistent(() => empty(stateShape(parameter, name)));
      fillElements(tensor, initial);
      own.set(name, tensor);
    }
    return tensor;
  }

  /**
   * Runs an optimizer's kernel, which is called as (parameter, gradient, states …, n, scalars …); null is a state that is
   * not needed.
   */
  protected launch<K extends ParallelKernel>(
    kernel: K,
    parameter: Tensor,
    gradient: Tensor,
    states: readonly (string | null)[],
    scalars: readonly number[],
  ): void {
    const n = parameter.numel;
    const tensors = states.map((name) => (name === null ? null : this.state(parameter, name)));
    const args: readonly number[] = [...[parameter, gradient, ...tensors].map(f32), n, ...scalars];
    engine().run(kernel, n, 0, ...(args as unknown as KernelArguments<K>));
  }

  /** Counts a step of this parameter, which may have had no gradient in some of the optimizer's, and returns its number. */
  protected countStep(parameter: Tensor): number {
    const step = this.state(parameter, "step");
    const t = step.item() + 1;
    writeElements(step, [t]);
    return t;
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
    integerArgument(this.constructor.name, "steps", steps, 0);
    const { params } = this;
    const problems = [...state].flatMap(([key, tensor]) => this.#problem(key, tensor, state));
    if (problems.length > 0) fail("stateDict", `the optimizer's state does not fit: ${problems.join("; ")}`);
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
    const group = this.groups.find(({ params }) => params.includes(parameter)) as Group<O>;
    const names = this.stateNames(group);
    if (!names.includes(name)) return [`${key} is none of ${names.join(", ")}`];
    const missing = names.filter((other) => !state.has(`${index}.${other}`));
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
  return params.length > 0 && !(params[0] instanceof Tensor) && "params" in params[0];
}

function stateShape(parameter: Tensor, name: string): Shape {
  return scalarState.has(name) ? [] : parameter.shape;
}

/** How much of the parameter is kept, how much of it is added to the gradient, and the gradient's sign. */
export function decays(group: CommonOptions, decoupled: boolean): readonly [number, number, number] {
  const { lr, weightDecay, maximize } = group;
  return [decoupled ? 1 - lr * weightDecay : 1, decoupled ? 0 : weightDecay, maximize ? -1 : 1];
}

function areDecayRates(betas: unknown): boolean {
  return Array.isArray(betas) && betas.length === 2 && betas.every((beta) => beta >= 0 && beta < 1);
}

/** The first of `names` whose option is negative or no number; `betas` are two in [0, 1). */
export function firstWrong<O>(options: O, names: readonly (keyof O & string)[]): string | null {
  const fits = (name: keyof O): boolean =>
    name === "betas" ? areDecayRates(options[name]) : (options[name] as number) >= 0;
  return names.find((name) => !fits(name)) ?? null;
}

/** The options that were given, without those set to undefined. */
function definedOf<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}
