// The whole ABI at a glance: every export of these files is a kernel. src/generated/bindings.ts is made from
// them.
export * from "./abi";
export * from "./conv";
export * from "./ctc";
export * from "./cumsum";
export * from "./depthwise";
export * from "./elementwise";
export * from "./embedding";
export * from "./indexing";
export * from "./loss";
export * from "./matmul";
export * from "./matmul_i32";
export * from "./matvec";
export * from "./norm";
export * from "./optim";
export * from "./patches";
export * from "./probe";
export * from "./random";
export * from "./recurrent";
export * from "./reduce";
export * from "./relative";
export * from "./rotary";
export * from "./repeat";
export * from "./scalar";
export * from "./softmax";
