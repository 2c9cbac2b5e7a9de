import torch
from hypothesis import settings

settings.register_profile("laws", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("laws")
torch.set_num_threads(1)
