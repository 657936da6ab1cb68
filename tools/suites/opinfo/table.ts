// Which call of ours a PyTorch call is. "name(a, b, {c, ours: theirs} | d)": the names are PyTorch's parameters in PyTorch's
// order unless "a b c => " lists them before; those in braces go into our options under camelCase names, those behind the
// bar we do not have (None, False and the table's defaults are nothing to have). `*rest` takes all further arguments,
// `...list` is spread into ours.

const same = (names: string, rest = "input"): [string, string][] =>
  names.split(" ").map((name) => [name, `${rest}`]);

/** snake_case as camelCase. */
export const camel = (name: string): string =>
  name.replace(/^_+/, "").replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

const elementwise = same(
  "abs acos acosh asin asinh atan atanh ceil cos cosh erf erfc exp exp2 expm1 floor frac isfinite isinf isnan log " +
    "log10 log1p log2 logical_not neg reciprocal rsqrt sigmoid sign sin sinh sqrt square tan tanh trunc ravel " +
    "t trace clone contiguous nn.functional.selu nn.functional.mish nn.functional.softsign " +
    "nn.functional.tanhshrink nn.functional.logsigmoid nn.functional.hardsigmoid nn.functional.hardswish " +
    "nn.functional.relu nn.functional.relu6 nn.functional.silu atleast_1d atleast_2d atleast_3d fliplr flipud argwhere " +
    "lgamma digamma erfinv i0 deg2rad rad2deg signbit isposinf isneginf sinc positive msort lgamma special.i1 " +
    "special.i0e special.i1e special.entr special.erfcx special.ndtr special.ndtri special.log_ndtr " +
    "special.bessel_j0 special.bessel_j1 special.bessel_y0 special.bessel_y1 sgn angle conj real " +
    "conj_physical resolve_conj resolve_neg isreal mT H T mH linalg.eigvalsh det linalg.det logdet linalg.slogdet matrix_exp",
);

const pairs = same(
  "mul maximum minimum fmax fmin pow atan2 floor_divide remainder fmod eq ne lt le gt ge logical_and logical_or " +
    "logical_xor logaddexp logaddexp2 hypot copysign nextafter heaviside xlogy special.xlog1py float_power gcd lcm " +
    "bitwise_and bitwise_or bitwise_xor bitwise_left_shift bitwise_right_shift  ldexp igamma igammac special.zeta",
  "input, other",
);

const products: [string, string][] = [
  ...same("matmul mm bmm dot outer kron inner vdot", "input, other"),
  ["mv", "input, vec"],
  ...same("addmm baddbmm", "input, mat1, mat2, {beta, alpha}"),
  ["addbmm", "input, batch1, batch2, {beta, alpha}"],
  ["addmv", "input, mat, vec, {beta, alpha}"],
  ["addr", "input, vec1, vec2, {beta, alpha}"],
  ["linalg.cross", "input, other, dim"],
  ["cross", "input, other, dim"],
  ["tensordot", "a, b, dims"],
  ["linalg.multi_dot", "tensors"],
  ["linalg.vecdot", "input, other, {dim}"],
  ["block_diag", "*tensors => blockDiag(tensors)"],
];

const reductions: [string, string][] = [
  ...same("sum mean nansum nanmean prod all any logsumexp amax amin", "input, dim, keepdim | dtype"),
  ["count_nonzero", "input, dim"],
  ...same("argmax argmin", "input, dim, keepdim"),
  ["aminmax", "input, {dim, keepdim}"],
  ...same("median nanmedian mode", "input, dim, keepdim"),
  ["kthvalue", "input, k, dim, keepdim"],
  ["sort", "input, dim, {descending, stable}"],
  ["argsort", "input, dim, {descending, stable}"],
  ["topk", "input, k, dim, {largest, sorted}"],
  ...same("max min", "input, dim, keepdim"),
  ...same("cumsum cumprod logcumsumexp cummax cummin", "input, dim | dtype"),
  ["norm", "input, p, dim, keepdim | out dtype"],
  ["linalg.norm", "norm(input, {p: ord, dim, keepdim} | dtype)"],
  ["linalg.vector_norm", "input ord dim keepdim dtype => norm(input, {p: ord, dim, keepdim} | dtype)"],
  ["linalg.matrix_norm", "input, {ord, dim, keepdim} | dtype"],
  ["dist", "input, other, p"],
  ["quantile", "input, q, {dim, keepdim, interpolation}"],
  ["nanquantile", "input, q, {dim, keepdim, interpolation}"],
  ["unique_consecutive", "input, {returnInverse: return_inverse, returnCounts: return_counts, dim}"],
  ["histc", "input, bins, {min, max}"],
  ["diff", "input, {n, dim, prepend, append}"],
  ["trapezoid", "input, x, {dx, dim}"],
  ["cumulative_trapezoid", "input, x, {dx, dim}"],
  ["cov", "input, {correction, fweights, aweights}"],
  ["corrcoef", "input"],
  ["renorm", "input, p, dim, maxnorm"],
  ["equal", "input, other"],
  ...same("isclose allclose", "input, other, {rtol, atol, equal_nan}"),
  ["isin", "elements, test_elements, {assume_unique, invert}"],
  ...same("var std var_mean std_mean", "input, dim, {correction, keepdim}"),
];

const views: [string, string][] = [
  ...same("reshape view", "input, shape"),
  ["unflatten", "input, dim, sizes"],
  ["flatten", "input, start_dim, end_dim"],
  ...same("permute expand", "input, dims"),
  ["transpose", "input, dim0, dim1"],
  ["squeeze", "input, dim"],
  ["unsqueeze", "input, dim"],
  ["narrow", "input, dim, start, length"],
  ["select", "input, dim, index"],
  ["slice", "input, dim, start, end, step"],
  ["split", "input, sizes, dim"],
  ["split_with_sizes", "split(input, sizes, dim)"],
  ["chunk", "input, chunks, dim"],
  ["tensor_split", "input, indices_or_sections, dim"],
  ...same("hsplit vsplit dsplit", "input, indices_or_sections"),
  ["unbind", "input, dim"],
  ["movedim", "input, source, destination"],
  ["diagonal", "input, offset, dim1, dim2"],
  ["linalg.diagonal", "diagonal(input, offset, dim1, dim2)"],
  ["diag_embed", "input, offset, dim1, dim2"],
  ["diag", "input, diagonal"],
  ["diagflat", "input, offset"],
  ...same("tril triu", "input, diagonal"),
  ["flip", "input, dims"],
  ["rot90", "input, k, dims"],
  ["roll", "input, shifts, dims"],
  ...same("repeat tile", "input, dims"),
  ["repeat_interleave", "input, repeats, dim | output_size"],
  ["broadcast_to", "input, shape"],
  ["broadcast_tensors", "*tensors => broadcastTensors(...tensors)"],
  ["expand_as", "input, other"],
  ["view_as", "input, other"],
  ["reshape_as", "input, other"],
  ["unfold", "input, dimension, size, step"],
  ...same("cat stack", "tensors, dim"),
  ...same("hstack vstack dstack column_stack", "tensors"),
  ["meshgrid", "*tensors => meshgrid(tensors, {indexing})"],
  ["cartesian_prod", "*tensors => cartesianProd(tensors)"],
  ["combinations", "input, r, {with_replacement}"],
  ...same("select_scatter", "input, src, dim, index"),
  ["slice_scatter", "input, src, dim, start, end, step"],
  ["diagonal_scatter", "input, src, offset, dim1, dim2"],
];

const indexing: [string, string][] = [
  ["gather", "input, dim, index | sparse_grad"],
  ["take_along_dim", "input, indices, dim"],
  ["index_select", "input, dim, index"],
  ["take", "input, index"],
  ["put", "input, index, source, {accumulate}"],
  ["scatter", "input, dim, index, src, {reduce}"],
  ["scatter_add", "input, dim, index, src"],
  ["scatter_reduce", "input, dim, index, src, reduce, {include_self}"],
  ["index_add", "input, dim, index, source, {alpha}"],
  ["index_copy", "input, dim, index, source"],
  ["index_fill", "input, dim, index, value"],
  ["index_reduce", "input, dim, index, source, reduce, {include_self}"],
  ["index_put", "input, indices, values, {accumulate}"],
  ["masked_fill", "input, mask, value"],
  ["masked_select", "input, mask"],
  ["masked_scatter", "input, mask, source"],
  ["searchsorted", "sorted, values, {right, side, sorter}"],
  ["bucketize", "input, boundaries, {right} | out_int32"],
  ["bincount", "input, {weights, minlength}"],
  ["nonzero", "input, {as_tuple}"],
  ["nn.functional.one_hot", "input, num_classes"],
  ["nn.functional.embedding", "weight input => embedding(input, weight, {padding_idx} | max_norm norm_type)"],
];

const activations: [string, string][] = [
  ["nn.functional.hardtanh", "hardTanh(input, {min_val, max_val})"],
  ["nn.functional.leaky_relu", "input, {negative_slope}"],
  ["nn.functional.prelu", "input, weight"],
  ...same("nn.functional.elu nn.functional.celu", "input, {alpha}"),
  ["nn.functional.softplus", "input, {beta, threshold}"],
  ...same("nn.functional.softshrink nn.functional.hardshrink", "input, {lambd}"),
  ["nn.functional.threshold", "input, threshold, value"],
  ["nn.functional.glu", "input, dim"],
  ["nn.functional.gelu", "input, {approximate}"],
  ...same("softmax log_softmax nn.functional.softmin", "input, dim | dtype"),
  ["nn.functional.rrelu", "input, {lower, upper, training}"],
  ["logit", "input, {eps}"],
  ["nan_to_num", "input, {nan, posinf, neginf}"],
  ["polygamma", "n, input"],
  ["mvlgamma", "input, p"],
];

const blends: [string, string][] = [
  ...same("add sub rsub", "input, other, {alpha}"),
  ["div", "input, other, {rounding_mode}"],
  ["lerp", "input, end, weight"],
  ...same("addcmul addcdiv", "input, tensor1, tensor2, {value}"),
  ["clamp", "input, min, max"],
  ["clamp_min", "clamp(input, min)"],
  ["clamp_max", "input max => clamp(input, min, max)"],
  ["round", "input, {decimals}"],
  ["where", "input condition other => where(condition, input, other)"],
  ["full_like", "input, value, {dtype}"],
  ...same("zeros_like ones_like", "input, {dtype}"),
  ["to", "input, dtype"],
  ["linspace", "start, end, steps, {dtype}"],
  ["logspace", "start, end, steps, base => logspace(start, end, steps, {base, dtype})"],
  ["arange", "start, end, step, {dtype}"],
  ["eye", "n, m, {dtype, requires_grad}"],
  ...same("tril_indices triu_indices", "rows, columns, offset"),
  ["full", "shape, value, {dtype}"],
  ...same("zeros ones", "shape, {dtype}"),
  ["vander", "input, {n: N, increasing}"],
];

const window = "{kernel_size, stride, padding}";
const layers: [string, string][] = [
  ...same(
    "nn.functional.conv1d nn.functional.conv2d nn.functional.conv3d",
    "input, weight, bias, {stride, padding, dilation, groups}",
  ),
  ...same(
    "nn.functional.conv_transpose1d nn.functional.conv_transpose2d nn.functional.conv_transpose3d",
    "input, weight, bias, {stride, padding, output_padding, groups, dilation}",
  ),
  ["nn.functional.linear", "input, weight, bias"],
  ["nn.functional.bilinear", "input1, input2, weight, bias"],
  ["nn.functional.avg_pool1d", "input, kernel_size, {stride, padding, ceil_mode, count_include_pad}"],
  ...same(
    "nn.functional.avg_pool2d nn.functional.avg_pool3d",
    "input, kernel_size, {stride, padding, ceil_mode, count_include_pad, divisor_override}",
  ),
  ...same(
    "nn.functional.max_pool1d nn.functional.max_pool2d nn.functional.max_pool3d",
    "input, kernel_size, {stride, padding, dilation, ceil_mode, return_indices}",
  ),
  ...same(
    "nn.functional.adaptive_avg_pool1d nn.functional.adaptive_avg_pool2d nn.functional.adaptive_avg_pool3d",
    "input, output_size",
  ),
  ...same(
    "nn.functional.adaptive_max_pool1d nn.functional.adaptive_max_pool2d nn.functional.adaptive_max_pool3d",
    "input, output_size, {return_indices}",
  ),
  ...same(
    "nn.functional.max_unpool1d nn.functional.max_unpool2d nn.functional.max_unpool3d",
    "input, indices, kernel_size, {stride, padding, output_size}",
  ),
  ["nn.functional.fractional_max_pool2d", `input, ${window}`],
  [
    "nn.functional.interpolate",
    "input, {size, scale_factor, mode, align_corners, recompute_scale_factor, antialias}",
  ],
  ["nn.functional.grid_sample", "input, grid, {mode, padding_mode, align_corners}"],
  ["nn.functional.pad", "input, pad, {mode, value}"],
  ["nn.functional.unfold", "input, kernel_size, {dilation, padding, stride}"],
  ["nn.functional.pixel_shuffle", "input, upscale_factor"],
  ["nn.functional.pixel_unshuffle", "input, downscale_factor"],
  ["nn.functional.channel_shuffle", "input, groups"],
  ["nn.functional.batch_norm", "input, running_mean, running_var, {weight, bias, training, momentum, eps}"],
  [
    "nn.functional.instance_norm",
    "input, {running_mean, running_var, weight, bias, use_input_stats, momentum, eps}",
  ],
  ["nn.functional.group_norm", "input, num_groups, weight, bias, eps"],
  ["nn.functional.layer_norm", "input, normalized_shape, weight, bias, eps"],
  ["nn.functional.rms_norm", "input, normalized_shape, weight, eps"],
  ["nn.functional.local_response_norm", "input, size, {alpha, beta, k}"],
  ["nn.functional.normalize", "input, {p, dim, eps}"],
  ["nn.functional.cosine_similarity", "x1, x2, {dim, eps}"],
  ["nn.functional.pairwise_distance", "x1, x2, {p, eps, keepdim}"],
  ["nn.functional.pdist", "input, p"],
  ["cdist", "x1, x2, {p} | compute_mode"],
  ["nn.functional.dropout", "input, p, training"],
  [
    "nn.functional.embedding_bag",
    "weight input offsets => embeddingBag(input, weight, offsets, {mode, per_sample_weights, include_last_offset, " +
      "padding_idx} | max_norm norm_type scale_grad_by_freq sparse)",
  ],
  [
    "nn.functional.scaled_dot_product_attention",
    "q, k, v, {attn_mask, dropout_p, is_causal, scale, enable_gqa}",
  ],
];

const losses: [string, string][] = [
  [
    "nn.functional.cross_entropy",
    "input, target, {weight, ignore_index, reduction, label_smoothing} | size_average reduce",
  ],
  ["nn.functional.nll_loss", "input, target, {weight, ignore_index, reduction} | size_average reduce"],
  ["nn.functional.mse_loss", "input, target, {reduction, weight}"],
  ["nn.functional.l1_loss", "input, target, {reduction, weight}"],
  ["nn.functional.smooth_l1_loss", "input, target, {reduction, beta}"],
  ["nn.functional.huber_loss", "input, target, {reduction, delta, weight}"],
  ["nn.functional.binary_cross_entropy", "input, target, {weight, reduction}"],
  ["nn.functional.binary_cross_entropy_with_logits", "input, target, {weight, reduction, pos_weight}"],
  ["nn.functional.kl_div", "input, target, {reduction, log_target}"],
  ["nn.functional.gaussian_nll_loss", "input, target, var, {full, eps, reduction}"],
  ["nn.functional.poisson_nll_loss", "input, target, {log_input, full, eps, reduction}"],
  ["nn.functional.hinge_embedding_loss", "input, target, {margin, reduction}"],
  ["nn.functional.soft_margin_loss", "input, target, {reduction}"],
  ["nn.functional.margin_ranking_loss", "input1, input2, target, {margin, reduction}"],
  ["nn.functional.cosine_embedding_loss", "input1, input2, target, {margin, reduction}"],
  ["nn.functional.multilabel_margin_loss", "input, target, {reduction}"],
  ["nn.functional.multilabel_soft_margin_loss", "input, target, {weight, reduction}"],
  ["nn.functional.multi_margin_loss", "input, target, {p, margin, weight, reduction}"],
  ["nn.functional.triplet_margin_loss", "anchor, positive, negative, {margin, p, eps, swap, reduction}"],
];

const reversed = ["add", "mul", "sub", "div", "pow", "mod", "matmul"].map((name): [string, string] => [
  `__r${name}__`,
  `input other => ${name === "mod" ? "remainder" : name}(other, input)`,
]);

/** The same op under another name. */
const again: [string, string][] = [
  ["true_divide", "div(input, other)"],
  ["unsafe_split", "split(input, sizes, dim)"],
  ["unsafe_chunk", "chunk(input, chunks, dim)"],
  ["split_with_sizes_copy", "split(input, sizes, dim)"],
  ["permute_copy", "permute(input, dims)"],
  ["expand_copy", "expand(input, dims)"],
  ["narrow_copy", "narrow(input, dim, start, length)"],
  ["squeeze_copy", "squeeze(input, dim)"],
  ["unsqueeze_copy", "unsqueeze(input, dim)"],
  ["t_copy", "t(input)"],
  ["transpose_copy", "transpose(input, dim0, dim1)"],
  ["unbind_copy", "unbind(input, dim)"],
  ["unfold_copy", "unfold(input, dimension, size, step)"],
  ["view_copy", "view(input, shape)"],
  ["diagonal_copy", "diagonal(input, offset, dim1, dim2)"],
  ["constant_pad_nd", "pad(input, pad, {value})"],
];

/** PyTorch name → signature; a signature without a name is that of the op's own name in camelCase. */
export const table: ReadonlyMap<string, string> = new Map([
  ...elementwise,
  ...pairs,
  ...products,
  ...reductions,
  ...views,
  ...indexing,
  ...activations,
  ...blends,
  ...layers,
  ...losses,
  ...reversed,
  ...again,
]);
