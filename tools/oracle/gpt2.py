"""GPT-2 (GPT2LMHeadModel) fixtures: a two-layer checkpoint in the forms it is met in, and what it computes.

Weights are sharp: biases and norm gains are random too, and the initializer range is so wide that attention
is far from uniform and every config switch moves the logits. One token's embedding almost cancels one
position's, so that LayerNorm meets a variance below its epsilon. Width 36 and head size 9 leave a tail in
every vector loop. Run by generate.py.
"""

from pathlib import Path

import torch
from torch.nn import functional as F
from transformers import AutoModelForCausalLM, GenerationConfig, GPT2Config, GPT2LMHeadModel

import checkpoint
import generation
from causal import as_dtype, causal_loss, only, outputs
from fixture import Fixture, deviation, write_json
from gpt2_checkpoint import build, write_hub

FIXTURES = "packages/models/test/fixtures/gpt2"

TINY = {
    "vocab_size": 61,
    "n_positions": 32,
    "n_embd": 36,
    "n_layer": 2,
    "n_head": 4,
    "initializer_range": 0.3,
    "bos_token_id": 0,
    "eos_token_id": 0,
}
QUIET_TOKEN, QUIET_POSITION = 60, 5

VARIANTS = {
    "epsilon": {"layer_norm_epsilon": 1e-3},
    "gelu": {"activation_function": "gelu"},
    "relu": {"activation_function": "relu"},
    "silu": {"activation_function": "silu"},
    "tanh": {"activation_function": "tanh"},
    "unscaled": {"scale_attn_weights": False},
    "byLayer": {"scale_attn_by_inverse_layer_idx": True},
    "twoHeads": {"n_head": 2},
    "sixHeads": {"n_head": 6},
}
VARIANT_GRADIENTS = [
    "transformer.h.0.ln_1.weight",
    "transformer.h.0.attn.c_attn.bias",
    "transformer.h.0.mlp.c_fc.bias",
]


def tiny() -> GPT2LMHeadModel:
    model = build(20, **TINY)
    noise = torch.randn(TINY["n_embd"], generator=torch.Generator().manual_seed(21))
    with torch.no_grad():
        quiet = 2e-3 + 1e-3 * noise - model.transformer.wpe.weight[QUIET_POSITION]
        model.transformer.wte.weight[QUIET_TOKEN] = quiet
    return model


def write_tiny_sharded(directory: Path, model: GPT2LMHeadModel) -> None:
    """Two shards in shuffled order, and the tied head stored as a tensor of its own."""
    model.save_pretrained(directory)
    (directory / "model.safetensors").unlink()
    checkpoint.write_sharded(directory, checkpoint.shuffled(model.state_dict(), 22), 2)


def reconfigured(model: GPT2LMHeadModel, changes: dict) -> GPT2LMHeadModel:
    config = GPT2Config.from_dict({**model.config.to_dict(), **changes})
    config._attn_implementation = "eager"
    other = GPT2LMHeadModel(config)
    other.load_state_dict(model.state_dict())
    other.tie_weights()
    return other.eval()


def draw(seed: int, *shape: int) -> torch.Tensor:
    return torch.randint(1, QUIET_TOKEN, shape, generator=torch.Generator().manual_seed(seed))


def batch() -> tuple[torch.Tensor, torch.Tensor]:
    ids = draw(30, 2, 13)
    ids[0, QUIET_POSITION] = QUIET_TOKEN
    labels = ids.clone()
    labels[0, 3] = labels[1, 7:9] = labels[1, 12] = -100
    return ids, labels


def orders(model, ids, labels, keep):
    """The computation and two float32 reorderings of it: fused attention, and the batch turned round."""
    turned = list(range(len(ids)))[::-1]
    runs = [outputs(model, ids, labels), outputs(model, ids, labels, "sdpa")]
    runs.append(outputs(model, ids, labels, "sdpa", turned))
    return [only(run, keep) for run in runs]


def forward_and_gradients(model: GPT2LMHeadModel, out: Path) -> Fixture:
    ids, labels = batch()
    fixture = Fixture("tiny on a 2 x 13 batch; labels as transformers takes them, unshifted")
    fixture.inputs(input_ids=ids, labels=labels)
    exact = fixture.record(*orders(model, ids, labels, lambda n: not n.startswith("grad.")))
    theirs = model(ids, labels=labels)
    if abs(theirs.loss.item() - exact["loss"].item()) > 1e-5:
        raise ValueError(f"transformers' loss is {theirs.loss.item()}, ours {exact['loss'].item()}")
    bidirectional = as_dtype(model, torch.float64)(ids, attention_mask=torch.zeros(2, 1, 13, 13).double())
    fixture.flipped("causal mask left out", "logits", exact["logits"], bidirectional.logits)
    finer = as_dtype(reconfigured(model, {"layer_norm_epsilon": 1e-6}), torch.float64)
    fixture.flipped("layer_norm_epsilon = 1e-6", "logits", exact["logits"], finer(ids).logits)
    fixture.record(past(model, ids), prefix="past.")
    fixture.note(pastLengths=[8, 3, 1, 1], quietToken=QUIET_TOKEN, quietPosition=QUIET_POSITION)
    fixture.write(out / "forward")

    gradients = Fixture("gradient of the loss of forward.safetensors by every parameter, keyed by its name")
    gradients.record(*orders(model, ids, labels, lambda n: n.startswith("grad.")))
    gradients.write(out / "gradients")
    return fixture


def past(model: GPT2LMHeadModel, ids: torch.Tensor):
    """Logits of everything behind a prefill of 8, read in chunks of 3, 1 and 1 from the cache."""

    def run(dtype: torch.dtype) -> dict[str, torch.Tensor]:
        m = as_dtype(model, dtype)
        with torch.no_grad():
            first = m(ids[:, :8], use_cache=True)
            rows, cache = [], first.past_key_values
            for begin, end in ((8, 11), (11, 12), (12, 13)):
                rows.append(m(ids[:, begin:end], past_key_values=cache, use_cache=True).logits)
        return {"logits": torch.cat(rows, dim=1)}

    return run


def padded(model: GPT2LMHeadModel, out: Path) -> None:
    """Left padding with the positions that generate derives from the mask, then three tokens more."""
    ids, labels, more = draw(31, 2, 13), draw(31, 2, 13), draw(32, 2, 3)
    mask = torch.ones(2, 13, dtype=torch.long)
    mask[0, :5] = 0
    ids[mask == 0] = 0
    labels[mask == 0] = labels[0, 5] = -100
    positions = (mask.cumsum(-1) - 1).clamp(min=0)
    kept = ("transformer.wte.weight", "transformer.wpe.weight", "transformer.h.0.attn.c_attn.weight")

    def run(dtype: torch.dtype, masked=True, placed=True) -> dict[str, torch.Tensor]:
        m = as_dtype(model, dtype)
        given = {"attention_mask": mask} if masked else {}
        given |= {"position_ids": positions} if placed else {}
        result = m(ids, use_cache=True, **given)
        loss = causal_loss(result.logits, labels)
        loss.backward()
        with torch.no_grad():
            longer = {"attention_mask": F.pad(mask, (0, 3), value=1)}
            longer["position_ids"] = positions[:, -1:] + torch.arange(1, 4)
            after = m(more, past_key_values=result.past_key_values, **longer)
        real = mask[..., None].to(dtype)
        gradients = {f"grad.{n}": p.grad for n, p in m.named_parameters() if n in kept}
        return {"logits": result.logits * real, "loss": loss, "next_logits": after.logits, **gradients}

    fixture = Fixture("left padding; logits of padded positions are stored as zeros and mean nothing")
    fixture.inputs(input_ids=ids, labels=labels, attention_mask=mask, position_ids=positions)
    fixture.inputs(next_input_ids=more)
    exact = fixture.record(run)
    for switch, other in (
        ("attention_mask ignored", run(torch.float64, masked=False)),
        ("position_ids ignored", run(torch.float64, placed=False)),
    ):
        fixture.flipped(switch, "logits", exact["logits"], other["logits"])
    fixture.write(out / "padded")


def adamw(model: GPT2LMHeadModel, out: Path) -> None:
    """Ten steps, a new batch each; loss i is taken before update i."""
    batches = draw(33, 10, 2, 13)
    settings = {"lr": 1e-2, "betas": (0.9, 0.99), "eps": 1e-8, "weight_decay": 0.1}

    def losses(attention="eager", optimizer=torch.optim.AdamW, **changes):
        def run(dtype: torch.dtype) -> dict[str, torch.Tensor]:
            m = as_dtype(model, dtype, attention)
            stepper = optimizer(m.parameters(), **{**settings, **changes})
            seen = []
            for ids in batches:
                loss = causal_loss(m(ids).logits, ids)
                stepper.zero_grad()
                loss.backward()
                stepper.step()
                seen.append(loss.detach())
            return {"losses": torch.stack(seen)}

        return run

    fixture = Fixture("ten torch.optim.AdamW steps over all parameters in one group; labels = input_ids")
    fixture.inputs(input_ids=batches)
    fixture.note(adamw=settings)
    exact = fixture.record(losses(), losses("sdpa"))["losses"]
    for switch, changed in (
        ("weight_decay = 0", losses(weight_decay=0.0)),
        ("weight decay as an L2 gradient", losses(optimizer=torch.optim.Adam)),
        ("beta2 = 0.999", losses(betas=(0.9, 0.999))),
        ("beta1 = 0.8", losses(betas=(0.8, 0.99))),
    ):
        fixture.flipped(switch, "losses", exact, changed(torch.float64)["losses"])
    fixture.write(out / "adamw")


def variants(models: dict[str, GPT2LMHeadModel], base: Fixture, out: Path):
    """The same batch under every config switch, with an untied head, and with weights rounded to float16."""
    ids, labels = batch()
    fixture = Fixture("<variant>.logits, .loss and some gradients on one batch; flips name the config change")
    fixture.inputs(input_ids=ids, labels=labels)
    exact = base.tensors["logits"]
    fixture.tolerances["logits"] = base.tolerances["logits"]
    changed = {name: (reconfigured(models["tiny"], config), config) for name, config in VARIANTS.items()}
    changed["untied"] = (models["untied"], {"tie_word_embeddings": False})
    changed["float16"] = (models["half"], {})
    for name, (other, config) in changed.items():
        wanted = ["logits", "loss", *(f"grad.{n}" for n in VARIANT_GRADIENTS)]
        if name == "untied":
            wanted += ["grad.lm_head.weight", "grad.transformer.wte.weight"]
        got = [only(run, wanted.__contains__) for run in orders(other, ids, labels, wanted.__contains__)]
        flipped = fixture.record(*got, prefix=f"{name}.")
        fixture.flipped(name, "logits", exact, flipped["logits"])
        fixture.facts["flips"][name]["config"] = config
    del fixture.tolerances["logits"]
    fixture.note(directories={"untied": "tiny-untied", "float16": "tiny-hub-f16", "others": "tiny"})
    fixture.write(out / "variants")


def sure_prompt(model: GPT2LMHeadModel, exact: GPT2LMHeadModel, steps: int) -> dict:
    """The first prompt whose greedy and beam ids no rounding can change; see generation.py."""
    for seed in range(200):
        prompt = draw(100 + seed, 6).tolist()
        found = generation.greedy(exact, [prompt], steps)[0]
        turned = generation.greedy(exact, [[prompt[0] % 59 + 1, *prompt[1:]]], steps)[0]
        if len(set(found.ids)) < 12 or turned.ids[:4] == found.ids[:4]:
            continue
        delta = deviation(generation.continuation_logits(model, prompt, found.ids), found.logits)
        best = generation.beam(exact, prompt, steps, 4)
        gap = min(found.gap, best.gap, best.final_gap)
        if gap >= 500 * delta and best.ids != found.ids:
            gaps = {"greedyGap": found.gap, "beamGap": best.gap, "beamFinalGap": best.final_gap}
            return {"prompt": prompt, "greedy": found.ids, "beam": best.ids, "maxAbsDelta": delta, **gaps}
    raise ValueError("no prompt among 200 leaves a gap that float32 cannot close")


def generated(model: GPT2LMHeadModel, out: Path) -> None:
    """Ids of transformers' generate, each confirmed in float32, float64 and under jittered logits."""
    model = as_dtype(model, torch.float32)
    model.generation_config = GenerationConfig()
    exact = as_dtype(model, torch.float64)
    steps = 26
    sure = sure_prompt(model, exact, steps)
    prompt, eos = sure["prompt"], sure["beam"][9]
    cases = {
        "greedy": {},
        "beam": {"num_beams": 4},
        "greedyEos": {"eos_token_id": sure["greedy"][10]},
        "beamEos": {"num_beams": 4, "eos_token_id": eos},
        "beamEosEarly": {"num_beams": 4, "eos_token_id": eos, "early_stopping": True},
        "beamEosNever": {"num_beams": 4, "eos_token_id": eos, "early_stopping": "never"},
        "beamEosLong": {"num_beams": 4, "eos_token_id": eos, "length_penalty": 2.0},
        "beamEosShort": {"num_beams": 4, "eos_token_id": eos, "length_penalty": 0.0},
        "repetitionPenalty": {"repetition_penalty": 1.5},
        "repetitionPenaltyBeam": {"repetition_penalty": 1.5, "num_beams": 3},
    }
    results = {}
    for name, options in cases.items():
        ids = generation.sure_ids([model, exact], prompt, steps, 50 * sure["maxAbsDelta"], **options)
        results[name] = {"options": options, "ids": ids}
    if results["greedy"]["ids"] != sure["greedy"] or results["beam"]["ids"] != sure["beam"]:
        raise ValueError("transformers' generate and the searches written out disagree")
    short = prompt[2:]
    pair = generation.padded_batch(exact, [prompt, short], steps)
    if pair != [generation.generate(exact, p, steps) for p in (prompt, short)]:
        raise ValueError("a left-padded batch generates other ids than its rows alone")
    about = "new ids of tiny behind the prompt; no eos unless the options name one; batch: left-padded"
    write_json(
        out / "generation.json",
        {
            "about": about,
            "prompt": prompt,
            "maxNewTokens": steps,
            "gaps": {k: sure[k] for k in ("maxAbsDelta", "greedyGap", "beamGap", "beamFinalGap")},
            "cases": results,
            "batch": {"prompts": [prompt, short], "ids": pair},
        },
    )


def check_directory(directory: Path, model: GPT2LMHeadModel) -> None:
    """transformers must read what was written, bit for bit."""
    loaded = AutoModelForCausalLM.from_pretrained(directory, dtype=torch.float32, attn_implementation="eager")
    ids = batch()[0]
    with torch.no_grad():
        if not torch.equal(loaded.eval()(ids).logits, as_dtype(model, torch.float32)(ids).logits):
            raise ValueError(f"{directory.name} loads as another model")


def generate(out: Path) -> None:
    model = tiny()
    untied = reconfigured(model, {"tie_word_embeddings": False})
    head = torch.randn(TINY["vocab_size"], TINY["n_embd"], generator=torch.Generator().manual_seed(23))
    untied.lm_head.weight = torch.nn.Parameter(head * TINY["initializer_range"])
    half = as_dtype(as_dtype(model, torch.float16), torch.float32)

    model.save_pretrained(out / "tiny")
    untied.save_pretrained(out / "tiny-untied")
    write_hub(out / "tiny-hub", model, torch.float32, 24)
    write_hub(out / "tiny-hub-f16", as_dtype(model, torch.float16), torch.uint8, 25)
    write_tiny_sharded(out / "tiny-sharded", model)
    for name, meant in (("tiny", model), ("tiny-hub", model), ("tiny-sharded", model)):
        check_directory(out / name, meant)
    check_directory(out / "tiny-untied", untied)
    check_directory(out / "tiny-hub-f16", half)

    base = forward_and_gradients(model, out)
    padded(model, out)
    adamw(model, out)
    variants({"tiny": model, "untied": untied, "half": half}, base, out)
    generated(model, out)
