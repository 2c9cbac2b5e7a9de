"""What holds for all tests: no network, one thread, and laws that are tried the same way each time.

Set before anything is imported that reads it.
"""

import os

os.environ["FLWR_TELEMETRY_ENABLED"] = "0"
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_DATASETS_OFFLINE"] = "1"
os.environ["TRANSFORMERS_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"

import torch
from hypothesis import settings

# The first call of torch takes longer than hypothesis's deadline allows.
settings.register_profile("laws", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("laws")
torch.set_num_threads(1)
