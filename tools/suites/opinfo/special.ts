// Calls whose arguments change their form on the way, and what we do on purpose otherwise.

type Callable = (...args: unknown[]) => unknown;

interface Special {
  readonly signature: string;
  /** Ours, where it is not PyTorch's. */
  readonly name?: string;
  call(plain: Callable, ...args: unknown[]): unknown;
}

interface Spread {
  readonly correction?: number;
  readonly unbiased?: boolean;
  readonly keepdim?: boolean;
}

/** var and its like, whose old form says unbiased=False for correction=0. */
function spread(): Special {
  return {
    signature: "input, dim, {unbiased, keepdim, correction}",
    call: (plain, input, dim, options = {}) => {
      const { unbiased, ...rest } = options as Spread;
      if (typeof dim === "boolean") return plain(input, undefined, { correction: dim ? 1 : 0 });
      return plain(input, dim, unbiased === undefined ? rest : { correction: unbiased ? 1 : 0, ...rest });
    },
  };
}

export const special: ReadonlyMap<string, Special> = new Map<string, Special>([
  ["var", spread()],
  ["std", spread()],
  ["var_mean", spread()],
  ["std_mean", spread()],
  ["__getitem__", { signature: "input, indices", name: "index", call: (plain, x, at) => plain(x, at) }],
]);

/** Errors of PyTorch's that are none of ours: op or "" for any, what the message says, and why. */
export const extensions: readonly (readonly [op: string, message: RegExp, reason: string])[] = [];
