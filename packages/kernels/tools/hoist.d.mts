/** The same module with every v128 constant that stands inside a loop held in a local. */
export function hoistConstants(binary: Uint8Array): Uint8Array;
