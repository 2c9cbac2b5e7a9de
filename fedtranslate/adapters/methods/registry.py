"""All methods, by name: ours, and those of installed plugins.

To add one here, write a function that returns the ``Phase`` of a round, and an entry below.  To add
one from another distribution, announce a ``Method`` as an entry point of the group
``fedtranslate.methods``.
"""

from collections.abc import Mapping
from importlib.metadata import entry_points

from fedtranslate.adapters.methods import averages, mixedranks, optimisers, products
from fedtranslate.adapters.methods.method import Exactness, Fit, Method, Option
from fedtranslate.errors import UnknownNameError

_GROUP = "fedtranslate.methods"
_RATE = Option(1.0, 1e-6, 100.0, "step of the server")
_RANKS = Option(2, 1, 64, "ranks of the adapter that the kept momentum has", is_whole=True)
_ADAPTIVE = {
    "rate": Option(1.0, 1e-6, 100.0, "step of the server; if not relative, rather 0.001 to 0.01"),
    "beta1": Option(0.5, 0.0, 0.999, "of the momentum; 0.9 in the paper, for many more rounds"),
    "beta2": Option(0.99, 0.0, 0.99999, "of the second moments"),
    "tau": Option(0.1, 1e-9, 1.0, "added to the root of second moments; if not relative, 0.001"),
    "relative": Option(
        1, 0, 1, "1: rate and tau in units of the mean change; 0: of entries, as in the paper", True
    ),
    "bias_correction": Option(
        1, 0, 1, "1: moments divided by the weights gathered so far; 0: not, as in the paper", True
    ),
    "momentum_ranks": _RANKS,
}
_OURS = (
    Method(
        "fedit",
        "FedIT: mean of the factors",
        "Zhang et al. 2023, arXiv:2305.05644",
        Exactness.APPROXIMATE,
        averages.fedit,
        sums_only=True,
    ),
    Method(
        "ffa",
        "FFA-LoRA: A frozen, mean of B",
        "Sun et al. 2024, arXiv:2403.12313",
        Exactness.EXACT,
        averages.ffa,
        sums_only=True,
    ),
    Method(
        "rolora",
        "RoLoRA: B in odd rounds, A in even ones",
        "Chen et al. 2024, arXiv:2409.02346",
        Exactness.EXACT,
        averages.rolora,
        sums_only=True,
    ),
    Method(
        "fedsa",
        "FedSA-LoRA: mean of A, B stays at the site",
        "Guo et al. 2024, arXiv:2410.01463",
        Exactness.PERSONAL,
        averages.fedsa,
        sums_only=True,
    ),
    Method(
        "lora-fair",
        "LoRA-FAIR: mean of the factors, B corrected",
        "Bian et al. 2024, arXiv:2411.14961",
        Exactness.APPROXIMATE,
        averages.lora_fair,
        options={"penalty": Option(0.01, 0.0, 1e6, "of the correction's size, without unit")},
    ),
    Method(
        "fedrot",
        "FedRot-LoRA: factors turned towards the last, then averaged",
        "Zhang et al. 2026, arXiv:2602.23638",
        Exactness.APPROXIMATE,
        averages.fedrot,
        options={"strength": Option(0.5, 0.0, 1.0, "of the turn; 0 is FedIT")},
    ),
    Method(
        "fra",
        "FRA-LoRA: mean of the products, cut by SVD",
        "Trautmann et al. 2024, arXiv:2501.06332",
        Exactness.BEST,
        products.fra,
        fit=Fit.SVD,
    ),
    Method(
        "fra-then-ffa",
        "FRA first, then A frozen",
        "Trautmann et al. 2024, arXiv:2501.06332",
        Exactness.BEST,
        products.fra_then_ffa,
        options={
            "fra_rounds": Option(
                4, 1, 10_000, "rounds before A is frozen; a run of no more is plain fra", True
            ),
        },
    ),
    Method(
        "flexlora",
        "FlexLoRA: mean of the products, cut by SVD for each site's rank",
        "Bai et al. 2024, arXiv:2402.11505",
        Exactness.BEST,
        products.fra,
        fit=Fit.SVD,
    ),
    Method(
        "flora",
        "FLoRA: replies stacked and folded into the base, a fresh adapter each round",
        "Wang et al. 2024, arXiv:2409.05976",
        Exactness.EXACT,
        products.flora,
        fit=Fit.ROWS,
        folds=True,
        begins_anew=True,
    ),
    Method(
        "fedex",
        "FedEx-LoRA: mean of the factors, the residual folded into the base",
        "Singhal et al. 2024, arXiv:2410.09432",
        Exactness.EXACT,
        products.fedex,
        folds=True,
        options={
            "residual_rank": Option(0, 0, 65_536, "cut of the residual; 0 is none", is_whole=True),
        },
    ),
    Method(
        "svd-residual",
        "Mean of the products, cut by SVD, the rest folded into the base",
        "FedMomentum 2026, arXiv:2603.08014",
        Exactness.EXACT,
        products.svd_residual,
        fit=Fit.SVD,
        folds=True,
        options={
            "energy": Option(1.0, 0.0, 1.0, "of the mean product that is kept; 0.9999 saves rank")
        },
    ),
    Method(
        "flora-na",
        "FLoRA-NA: both factors fitted to the mean product",
        "Nguyen et al. 2025, arXiv:2509.26399",
        Exactness.APPROXIMATE,
        products.flora_na,
        options={"steps": Option(3, 1, 100, "of alternating least squares", is_whole=True)},
    ),
    Method(
        "fed-sb",
        "Fed-SB: only the core between two fixed bases",
        "Singhal et al. 2025, arXiv:2502.15436",
        Exactness.EXACT,
        products.fed_sb,
    ),
    Method(
        "hetlora",
        "HetLoRA: filled up with zeros, weighed by norm",
        "Cho et al. 2024, arXiv:2401.06432",
        Exactness.APPROXIMATE,
        mixedranks.hetlora,
        fit=Fit.ROWS,
    ),
    Method(
        "rbla",
        "RBLA: each row averaged over the sites that have it",
        "Tavallaie et al. 2024, arXiv:2408.08699",
        Exactness.APPROXIMATE,
        mixedranks.rbla,
        fit=Fit.ROWS,
    ),
    Method(
        "fedavgm",
        "FedAvgM on the product",
        "Hsu et al. 2019, arXiv:1909.06335",
        Exactness.APPROXIMATE,
        optimisers.fedavgm,
        fit=Fit.SVD,
        options={
            "rate": _RATE,
            "momentum": Option(0.5, 0.0, 0.999, "share that is kept"),
            "momentum_ranks": _RANKS,
        },
    ),
    Method(
        "fedadam",
        "FedAdam on the product, moments by row and column",
        "Reddi et al. 2020, arXiv:2003.00295",
        Exactness.APPROXIMATE,
        optimisers.fedadam,
        fit=Fit.SVD,
        options=_ADAPTIVE,
    ),
    Method(
        "fedyogi",
        "FedYogi on the product, moments by row and column",
        "Reddi et al. 2020, arXiv:2003.00295",
        Exactness.APPROXIMATE,
        optimisers.fedyogi,
        fit=Fit.SVD,
        options=_ADAPTIVE,
    ),
)
METHODS: Mapping[str, Method] = {method.name: method for method in _OURS}


def all_methods() -> list[Method]:
    """Return all methods, ours first."""
    plugins = entry_points(group=_GROUP)
    others = sorted(set(plugins.names) - METHODS.keys())
    return [*METHODS.values(), *(find_method(name) for name in others)]


def find_method(name: str) -> Method:
    """Return the method called ``name``; a built-in one wins over a plugin.

    Raises:
        UnknownNameError: Neither built in nor announced by an installed plugin.
    """
    if name in METHODS:
        return METHODS[name]
    plugins = entry_points(group=_GROUP)
    if name not in plugins.names:
        raise UnknownNameError("method", name, {*METHODS, *plugins.names})
    method: Method = plugins[name].load()
    return method
