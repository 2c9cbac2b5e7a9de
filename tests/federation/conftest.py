import os
import sys
from pathlib import Path

import torch
from hypothesis import settings

settings.register_profile("laws", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("laws")
torch.set_num_threads(1)
# The sites import their trade by name, in this process and in others.
HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
FOLDERS = [str(HERE), str(HERE.parents[1]), os.environ.get("PYTHONPATH", "")]
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, FOLDERS))
