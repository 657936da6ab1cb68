"""Recurrent layers by PyTorch for the references in packages/core/src/ops/{rnn,gru,lstm}.ref.ts.

torch.nn's own kernels where they exist, over packed sequences when lengths are given. What PyTorch lacks, the reset of a
GRU before the matrix product and the peepholes of an LSTM, is the same network as a loop of plain PyTorch operations.
"""

import torch
from torch import _VF, Tensor
from torch.nn.functional import linear
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

GATES = {"rnn": 1, "gru": 3, "lstm": 4}


def recurrent(
    kind: str,
    inputs: list,
    layers: int,
    bidirectional: bool,
    batch_first: bool,
    lengths: list[int] | None,
    bias: bool,
    projection: bool = False,
    peephole: bool = False,
    nonlinearity: str = "tanh",
    reset_after: bool = True,
) -> list[Tensor]:
    """Outputs and last states for inputs [x, initial states or None, weights]."""
    count = 2 if kind == "lstm" else 1
    x, states, weights = inputs[0], inputs[1 : 1 + count], inputs[1 + count :]
    x = x.to(weights[0].dtype)
    batched = x.dim() == 3
    if not batched:
        x = x.unsqueeze(0 if batch_first else 1)
        states = [None if s is None else s.unsqueeze(1) for s in states]
    rows = layers * (2 if bidirectional else 1)
    hidden = weights[0].shape[0] // GATES[kind]
    size = x.shape[0 if batch_first else 1]
    widths = [weights[1].shape[1], hidden]
    states = [x.new_zeros(rows, size, n) if s is None else s for s, n in zip(states, widths)]
    # A projection that changes no size is one that PyTorch does not see.
    if peephole or not reset_after or (projection and widths[0] == hidden):
        options = {"bias": bias, "projection": projection, "peephole": peephole, "reset_after": reset_after}
        found = loops(kind, x, states, weights, layers, bidirectional, batch_first, lengths, options)
    else:
        name = f"rnn_{nonlinearity}" if kind == "rnn" else kind
        found = fused(getattr(_VF, name), x, states, weights, layers, bidirectional, batch_first, lengths, bias)
    if batched:
        return found
    return [found[0].squeeze(0 if batch_first else 1), *(s.squeeze(1) for s in found[1:])]


def fused(run, x, states, weights, layers, bidirectional, batch_first, lengths, bias) -> list[Tensor]:
    settings = (bias, layers, 0.0, False, bidirectional)
    if lengths is None:
        return list(run(x, states if len(states) > 1 else states[0], weights, *settings, batch_first))
    packed = pack_padded_sequence(x, torch.tensor(lengths), batch_first, enforce_sorted=False)
    data, sizes, order, back = packed
    arranged = [s.index_select(1, order) for s in states]
    result, *last = run(data, sizes, arranged if len(states) > 1 else arranged[0], weights, *settings)
    steps = x.shape[1 if batch_first else 0]
    output, _ = pad_packed_sequence(PackedSequence(result, sizes, order, back), batch_first, total_length=steps)
    return [output, *(s.index_select(1, back) for s in last)]


def loops(kind, x, states, weights, layers, bidirectional, batch_first, lengths, options) -> list[Tensor]:
    """Sequence by sequence, step by step."""
    x = x if batch_first else x.transpose(0, 1)
    batch, steps = x.shape[:2]
    directions = 2 if bidirectional else 1
    each = len(weights) // (layers * directions)
    last = [[[] for _ in range(layers * directions)] for _ in states]
    sequences = [list(x[b, : steps if lengths is None else lengths[b]]) for b in range(batch)]
    for index in range(layers * directions):
        if index % directions == 0:
            below, sequences = sequences, [[[] for _ in sequence] for sequence in sequences]
        own = weights[index * each : (index + 1) * each]
        for b, sequence in enumerate(below):
            state = [s[index, b] for s in states]
            order = range(len(sequence))
            for t in order if index % directions == 0 else reversed(order):
                state = step(kind, sequence[t], state, own, **options)
                sequences[b][t].append(state[0])
            for i, s in enumerate(state):
                last[i][index].append(s)
        if index % directions == directions - 1:
            sequences = [[torch.cat(parts) for parts in sequence] for sequence in sequences]
    padding = torch.zeros_like(sequences[0][0])
    rows = [torch.stack(sequence + [padding] * (steps - len(sequence))) for sequence in sequences]
    output = torch.stack(rows, 0 if batch_first else 1)
    return [output, *(torch.stack([torch.stack(each) for each in state]) for state in last)]


def step(kind, x, state, weights, bias, projection=False, peephole=False, reset_after=True) -> list[Tensor]:
    weights = list(weights)
    w_ih, w_hh = weights[:2]
    b_ih, b_hh = weights[2:4] if bias else (None, None)
    rest = weights[4 if bias else 2 :]
    w_hr = rest.pop(0) if projection else None
    peepholes = rest.pop(0).chunk(3) if peephole else [0, 0, 0]
    h = state[0]
    if kind == "gru":
        assert not reset_after
        r, z, n = linear(x, w_ih, b_ih).chunk(3)
        a, b, _ = linear(h, w_hh, b_hh).chunk(3)
        r, z = torch.sigmoid(r + a), torch.sigmoid(z + b)
        size = h.shape[0]
        own = None if b_hh is None else b_hh[2 * size :]
        n = torch.tanh(n + linear(r * h, w_hh[2 * size :], own))
        return [(1 - z) * n + z * h]
    c = state[1]
    i, f, g, o = (linear(x, w_ih, b_ih) + linear(h, w_hh, b_hh)).chunk(4)
    i, f = torch.sigmoid(i + peepholes[0] * c), torch.sigmoid(f + peepholes[1] * c)
    c = f * c + i * torch.tanh(g)
    h = torch.sigmoid(o + peepholes[2] * c) * torch.tanh(c)
    return [h if w_hr is None else linear(h, w_hr), c]


def recurrent_cell(kind: str, inputs: list, nonlinearity: str = "tanh", reset_after: bool = True):
    """One step for inputs [x, states or None, w_ih, w_hh, b_ih, b_hh, peephole or nothing]."""
    count = 2 if kind == "lstm" else 1
    x, states, (w_ih, w_hh, b_ih, b_hh, *peephole) = inputs[0], inputs[1 : 1 + count], inputs[1 + count :]
    x = x.to(w_ih.dtype)
    states = [x.new_zeros(*x.shape[:-1], w_hh.shape[1]) if s is None else s for s in states]
    if not reset_after or (peephole and peephole[0] is not None):
        return loop_cell(kind, x, states, [w_ih, w_hh, b_ih, b_hh, *peephole], reset_after)
    rows, held = (x, states) if x.dim() == 2 else (x[None], [s[None] for s in states])
    run = getattr(torch, f"rnn_{nonlinearity}_cell" if kind == "rnn" else f"{kind}_cell")
    found = run(rows, held if kind == "lstm" else held[0], w_ih, w_hh, b_ih, b_hh)
    found = list(found) if kind == "lstm" else [found]
    return found if x.dim() == 2 else [s[0] for s in found]


def loop_cell(kind, x, states, weights, reset_after) -> list[Tensor]:
    bias = weights[2] is not None
    given = [w for w in weights if w is not None]
    options = {"bias": bias, "peephole": kind == "lstm", "reset_after": reset_after}
    if x.dim() == 1:
        return step(kind, x, states, given, **options)
    rows = [step(kind, x[b], [s[b] for s in states], given, **options) for b in range(x.shape[0])]
    return [torch.stack(parts) for parts in zip(*rows)]
