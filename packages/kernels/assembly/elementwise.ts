// Elementwise kernels over layout descriptors, by family.
export * from "./activation";
export * from "./activation_backward";
export * from "./arithmetic";
export * from "./binary";
export * from "./compare";
export * from "./copy";
export * from "./functions";
export * from "./functions_backward";
export * from "./rounding";
export * from "./unary";
export * from "./unary_backward";
