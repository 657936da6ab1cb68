// Which layer of ours a layer of PyTorch is: how it is built and how it is called, in the language of table.ts. A call
// without parameters named is forward(input).

const plain = (names: string): [string, readonly [string, string]][] =>
  names.split(" ").map((name) => [name, ["", "input"]]);

const alike = (names: string, build: string, call = "input"): [string, readonly [string, string]][] =>
  names.split(" ").map((name) => [name, [build, call]]);

const each = (name: string, axes = [1, 2, 3]): string => axes.map((n) => `${name}${n}d`).join(" ");

const convolution =
  "in_channels, out_channels, kernel_size, {stride, padding, dilation, groups, bias, padding_mode}";
const transposed =
  "in_channels, out_channels, kernel_size, {stride, padding, output_padding, groups, bias, dilation, padding_mode}";
const norm = "num_features, {eps, momentum, affine, track_running_stats, bias}";
const recurrent =
  "input_size, hidden_size, {num_layers, bias, batch_first=false, dropout, bidirectional, proj_size, nonlinearity}";
const cell = "input_size, hidden_size, {bias, nonlinearity}";
const layer =
  "d_model, nhead, {dim_feedforward, dropout, activation, layer_norm_eps, batch_first=false, norm_first, bias}";

/** PyTorch name → [constructor, forward]. */
export const modules: ReadonlyMap<string, readonly [string, string]> = new Map([
  ...plain(
    "nn.Hardswish nn.LogSigmoid nn.Mish nn.ReLU nn.ReLU6 nn.SELU nn.SiLU nn.Sigmoid nn.Softmax2d nn.Softsign " +
      "nn.Tanh nn.Tanhshrink nn.Hardsigmoid",
  ),
  ...alike("nn.CELU nn.ELU", "{alpha}"),
  ...alike("nn.GELU", "{approximate}"),
  ...alike("nn.GLU nn.Softmax nn.LogSoftmax nn.Softmin", "dim"),
  ...alike("nn.Hardshrink nn.Softshrink", "{lambd}"),
  ...alike("nn.Hardtanh", "{min_val, max_val}"),
  ...alike("nn.LeakyReLU", "{negative_slope}"),
  ...alike("nn.PReLU", "num_parameters, {init}"),
  ...alike("nn.Softplus", "{beta, threshold}"),
  ...alike("nn.Threshold", "threshold, value"),
  ...alike("nn.Linear", "in_features, out_features, {bias}"),
  ...alike("nn.Bilinear", "in1_features, in2_features, out_features, {bias}", "input1, input2"),
  ...alike("nn.Embedding", "num_embeddings, embedding_dim, {padding_idx, max_norm}"),
  ...alike(each("nn.Conv"), convolution),
  ...alike(each("nn.ConvTranspose"), transposed, "input, {output_size}"),
  ...alike(`${each("nn.BatchNorm")} ${each("nn.InstanceNorm")}`, norm),
  ...alike("nn.LayerNorm", "normalized_shape, {eps, elementwise_affine, bias}"),
  ...alike("nn.RMSNorm", "normalized_shape, {eps, elementwise_affine}"),
  ...alike("nn.GroupNorm", "num_groups, num_channels, {eps, affine, bias}"),
  ...alike("nn.LocalResponseNorm", "size, {alpha, beta, k}"),
  ...alike(each("nn.MaxPool"), "kernel_size, {stride, padding, dilation, return_indices, ceil_mode}"),
  ...alike("nn.AvgPool1d", "kernel_size, {stride, padding, ceil_mode, count_include_pad}"),
  ...alike(
    each("nn.AvgPool", [2, 3]),
    "kernel_size, {stride, padding, ceil_mode, count_include_pad, divisor_override}",
  ),
  ...alike(each("nn.LPPool"), "norm_type, kernel_size, {stride, ceil_mode}"),
  ...alike(each("nn.AdaptiveAvgPool"), "output_size"),
  ...alike(each("nn.AdaptiveMaxPool"), "output_size, {return_indices}"),
  ...alike(`${each("nn.CircularPad")} ${each("nn.ReflectionPad")} ${each("nn.ReplicationPad")}`, "padding"),
  ...alike(each("nn.ZeroPad"), "padding"),
  ...alike(each("nn.ConstantPad"), "padding, value"),
  ...alike("nn.RNN nn.GRU nn.LSTM", recurrent, "input, hx"),
  ...alike("nn.RNNCell nn.GRUCell nn.LSTMCell", cell, "input, hx"),
  ...alike(
    "nn.MultiheadAttention",
    "embed_dim, num_heads, {dropout, bias, add_bias_kv, add_zero_attn, kdim, vdim, batch_first=false}",
    "query, key, value, {key_padding_mask, need_weights, attn_mask, average_attn_weights, is_causal}",
  ),
  ...alike("nn.TransformerEncoderLayer", layer, "src, {src_mask, src_key_padding_mask, is_causal}"),
  ...alike(
    "nn.TransformerDecoderLayer",
    layer,
    "tgt, memory, {tgt_mask, memory_mask, tgt_key_padding_mask, memory_key_padding_mask}",
  ),
  ...alike(
    "nn.Transformer",
    "d_model, nhead, {num_encoder_layers, num_decoder_layers, dim_feedforward, dropout, activation, " +
      "layer_norm_eps, batch_first=false, norm_first, bias}",
    "src, tgt, {src_mask, tgt_mask, memory_mask, src_key_padding_mask, tgt_key_padding_mask, memory_key_padding_mask}",
  ),
  ...alike("nn.BCELoss", "{weight, reduction}", "input, target"),
  ...alike("nn.BCEWithLogitsLoss", "{weight, reduction, pos_weight}", "input, target"),
  ...alike("nn.CosineEmbeddingLoss nn.MarginRankingLoss", "{margin, reduction}", "input1, input2, target"),
  ...alike("nn.CrossEntropyLoss", "{weight, ignore_index, reduction, label_smoothing}", "input, target"),
  ...alike(
    "nn.CTCLoss",
    "{blank, reduction, zero_infinity}",
    "log_probs, targets, input_lengths, target_lengths",
  ),
  ...alike("nn.GaussianNLLLoss", "{full, eps, reduction}", "input, target, var"),
  ...alike("nn.HingeEmbeddingLoss", "{margin, reduction}", "input, target"),
  ...alike("nn.HuberLoss", "{reduction, delta}", "input, target"),
  ...alike("nn.KLDivLoss", "{reduction, log_target}", "input, target"),
  ...alike("nn.L1Loss nn.MSELoss nn.MultiLabelMarginLoss nn.SoftMarginLoss", "{reduction}", "input, target"),
  ...alike("nn.MultiLabelSoftMarginLoss", "{weight, reduction}", "input, target"),
  ...alike("nn.MultiMarginLoss", "{p, margin, weight, reduction}", "input, target"),
  ...alike("nn.NLLLoss", "{weight, ignore_index, reduction}", "input, target"),
  ...alike("nn.PoissonNLLLoss", "{log_input, full, eps, reduction}", "input, target"),
  ...alike("nn.SmoothL1Loss", "{reduction, beta}", "input, target"),
]);
