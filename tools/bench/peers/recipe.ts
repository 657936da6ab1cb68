// nanoGPT's recipe, which every training step of the bench follows; weight decay is for matrices.
export const RECIPE = { lr: 1e-3, beta1: 0.9, beta2: 0.99, eps: 1e-8, decay: 0.1, clip: 1 };
