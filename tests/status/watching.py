"""What the page knows after a look at a coordinator's folder."""

from example_place import NOW

from fedtranslate.status.snapshot import Watched
from fedtranslate.status.views import Run, Snapshot


def look(watched: Watched) -> Snapshot:
    return watched.look(NOW)[1]


def only_run(watched: Watched) -> Run:
    (run,) = look(watched).runs
    return run
