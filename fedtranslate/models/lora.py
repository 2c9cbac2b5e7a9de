"""Put adapters on a base model: to train them with peft, or merged in to write fast.

Both ways leave the base model exactly as it was, bit by bit, when they end.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from peft.tuners.lora import LoraLayer
from torch import Tensor, nn
from torch.nn.utils import parametrize
from transformers.pytorch_utils import Conv1D

from fedtranslate.adapters.factors import Adapter, Factors
from fedtranslate.adapters.methods.cores import basis
from fedtranslate.config.training import LoraSettings
from fedtranslate.errors import AdapterError, ModelError
from fedtranslate.models.load import BaseModel

_PREFIX = "base_model.model."
_NAME = "default"


@contextmanager
def lora(base: BaseModel, settings: LoraSettings, *, seed: int = 0) -> Iterator[nn.Module]:
    """Attach fresh factors to ``base`` for the length of a ``with`` block.

    Yields:
        The peft model: only the factors ask for gradients, and they are float32.

    Raises:
        ModelError: The model has none of the modules that the settings name, or they are of
            a kind that takes no factors.
    """
    targets = settings.targets if isinstance(settings.targets, str) else list(settings.targets)
    config = LoraConfig(
        r=settings.rank,
        lora_alpha=settings.alpha,
        lora_dropout=settings.dropout,
        use_rslora=settings.rslora,
        target_modules=targets,
        task_type="CAUSAL_LM" if base.kind == "causal" else "SEQ_2_SEQ_LM",
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        try:
            model = get_peft_model(base.model, config, autocast_adapter_dtype=True)
        except ValueError as error:
            _take_off(base.model)
            raise ModelError(
                f"LoRA cannot be attached to {base.name!r}: {error}",
                hint="Set lora.targets to names of linear modules of this model.",
            ) from error
    if base.model.dtype == torch.float32:
        # Inputs need no widening to the factors' float32; under bf16 arithmetic it would only
        # be undone again, at a cost.
        for _, layer, _ in _layers(model):
            layer.cast_input_dtype_enabled = False
    try:
        yield model
    finally:
        model.unload()
        base.model.requires_grad_(requires_grad=False)
        base.model.eval()


def adapted_shapes(base: BaseModel, settings: LoraSettings) -> dict[str, tuple[int, int]]:
    """Return the (out, in) of every module that ``settings`` adapt in ``base``."""
    with lora(base, settings) as model:
        return {name: factors.shape for name, factors in read_adapter(model).items()}


def read_adapter(model: nn.Module) -> dict[str, Factors]:
    """Take a copy of the factors off a peft model, in float32."""
    return {
        name: Factors(_copy(layer.lora_A[_NAME].weight), _copy(layer.lora_B[_NAME].weight), scaling)
        for name, layer, scaling in _layers(model)
    }


def write_adapter(model: nn.Module, adapter: Adapter) -> None:
    """Set the factors of a peft model to those of ``adapter``.

    Raises:
        AdapterError: The adapter is for other modules, shapes, ranks or scalings.
    """
    layers = {name: (layer, scaling) for name, layer, scaling in _layers(model)}
    if layers.keys() != adapter.keys():
        raise AdapterError(_difference(layers, adapter))
    for name, factors in adapter.items():
        layer, scaling = layers[name]
        a, b = layer.lora_A[_NAME].weight, layer.lora_B[_NAME].weight
        if a.shape != factors.a.shape or b.shape != factors.b.shape:
            raise AdapterError(
                f"The adapter has factors {tuple(factors.a.shape)} and {tuple(factors.b.shape)}"
                f" for {name}; this model takes {tuple(a.shape)} and {tuple(b.shape)}.",
                hint="Use the rank, and the base model, that the adapter was trained with.",
            )
        with torch.no_grad():
            a.copy_(factors.a)
            b.copy_(factors.b * (factors.scaling / scaling))


class _Core(nn.Module):
    """A matrix B as Q R: Q stays, R is the parameter."""

    basis: Tensor

    def __init__(self, b: Tensor) -> None:
        super().__init__()
        self.register_buffer("basis", basis(b).to(b))

    def forward(self, core: Tensor) -> Tensor:
        """Return B."""
        product: Tensor = self.basis @ core
        return product

    def right_inverse(self, b: Tensor) -> Tensor:
        """Return the R of a B."""
        core: Tensor = self.basis.T @ b
        return core


def expose_cores(model: nn.Module) -> None:
    """Let only the core of every B of a peft model be its parameter."""
    for _, layer, _ in _layers(model):
        linear = layer.lora_B[_NAME]
        if not parametrize.is_parametrized(linear, "weight"):
            parametrize.register_parametrization(linear, "weight", _Core(linear.weight.detach()))


@contextmanager
def merged(base: BaseModel, adapter: Adapter | None) -> Iterator[Any]:
    """Add ``adapter`` into the weights of ``base`` for the length of a ``with`` block.

    A merged model writes as fast as the base alone.  Any rank and scaling is welcome.

    Yields:
        The transformers model.

    Raises:
        AdapterError: The adapter names modules or shapes that the model does not have, or makes
            weights infinite.
    """
    modules = dict(base.model.named_modules())
    for name, factors in (adapter or {}).items():
        module = modules.get(name)
        weight = getattr(module, "weight", None)
        if weight is None or tuple(_oriented(weight, module).shape) != factors.shape:
            raise AdapterError(
                f"The adapter has a matrix {factors.shape} for {name}, which the base model"
                f" {base.name!r} does not have.",
                hint="Give the base model that the adapter was trained with.",
            )
    kept: dict[str, Tensor] = {}
    try:
        with torch.no_grad():
            for name, factors in (adapter or {}).items():
                weight = modules[name].weight
                kept[name] = weight.detach().clone()
                weight += _oriented(factors.delta(), modules[name]).to(weight)
                if not torch.isfinite(weight).all():
                    raise AdapterError(
                        f"The adapter makes {name} of the base model {base.name!r} infinite.",
                        hint="Its values or its alpha are too large: train it anew.",
                    )
        yield base.model
    finally:
        with torch.no_grad():
            for name, original in kept.items():
                modules[name].weight.copy_(original)


def _oriented(matrix: Tensor, module: nn.Module | None) -> Tensor:
    """Turn (out, in) to how ``module`` keeps its weight, or back: GPT-2 keeps (in, out)."""
    return matrix.T if isinstance(module, Conv1D) else matrix


def _take_off(model: nn.Module) -> None:
    """Put the layers of ``model`` back that peft had wrapped when it gave up."""
    for name, layer in list(model.named_modules()):
        if isinstance(layer, LoraLayer):
            parent, _, child = name.rpartition(".")
            setattr(model.get_submodule(parent), child, layer.get_base_layer())
    model.requires_grad_(requires_grad=False)


def _layers(model: nn.Module) -> Iterator[tuple[str, Any, float]]:
    for name, layer in model.named_modules():
        if hasattr(layer, "lora_A") and _NAME in layer.lora_A:
            yield name.removeprefix(_PREFIX), layer, float(layer.scaling[_NAME])


def _copy(weight: Tensor) -> Tensor:
    return weight.detach().to("cpu", torch.float32, copy=True)


def _difference(have: Mapping[str, object], given: Mapping[str, object]) -> str:
    missing, extra = sorted(have.keys() - given.keys()), sorted(given.keys() - have.keys())
    parts = []
    if missing:
        parts.append(f"{len(missing)} modules are missing from it, such as {missing[0]}")
    if extra:
        parts.append(f"it has {len(extra)} that are not adapted here, such as {extra[0]}")
    return f"The adapter does not fit this model: {'; '.join(parts)}."
