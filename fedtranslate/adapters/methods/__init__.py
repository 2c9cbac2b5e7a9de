"""How the adapters of many sites become one: each method of the field, by name.

    method       what a method is: phases, options, what it promises
    registry     all of them, with those of installed plugins
    averages     FedIT, FFA-LoRA, RoLoRA, FedSA-LoRA, LoRA-FAIR, FedRot-LoRA: means of factors
    products     FRA, FlexLoRA, FLoRA, FedEx-LoRA, SVD with residual, FLoRA-NA, Fed-SB
    mixedranks   HetLoRA, RBLA: a rank of its own for each site
    optimisers   FedAvgM, FedAdam, FedYogi on the product
    lowrank      sums of products, which several of these share

The arithmetic that several share is in ``adapters/combine`` and ``adapters/compress``.
"""
