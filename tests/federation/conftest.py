import os
import sys
from pathlib import Path

# The sites import their trade by name, in this process and in others.
HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
FOLDERS = [str(HERE), str(HERE.parents[1]), os.environ.get("PYTHONPATH", "")]
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, FOLDERS))
