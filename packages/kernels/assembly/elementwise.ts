// Elementwise kernels over layout descriptors, by family.
export * from "./binary";
export * from "./compare";
export * from "./copy";
export * from "./unary";
export * from "./unary_backward";
