// What tests use of abi.mjs, which is JavaScript so that the build runs on every supported Node.

export interface KernelSignature {
  readonly name: string;
  /** [name, type] as written, aliases unresolved. */
  readonly params: readonly (readonly [string, string])[];
  readonly returns: string;
  readonly doc: string;
}

export interface Abi {
  readonly kernels: readonly KernelSignature[];
  readonly aliases: ReadonlyMap<string, { readonly type: string; readonly doc: string }>;
  readonly hash: number;
}

export function readAbi(root: string, entry: string): Abi;
export function bindingsOf(abi: Abi): string;
