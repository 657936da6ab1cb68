// The whole ABI at a glance: every export of these files is a kernel. src/generated/bindings.ts is made from
// them.
export * from "./abi";
export * from "./cumsum";
export * from "./elementwise";
export * from "./embedding";
export * from "./loss";
export * from "./matmul";
export * from "./matvec";
export * from "./norm";
export * from "./optim";
export * from "./pick";
export * from "./probe";
export * from "./random";
export * from "./reduce";
export * from "./scalar";
export * from "./scan";
export * from "./softmax";
export * from "./sort";
