"""A SuperLink that runs nothing: its runs end as the test says."""

from fedtranslate.federation.flower.control import FlowerRun, Link


class Flower(Link):
    """A SuperLink whose runs end as the test says."""

    def __init__(self) -> None:
        self.known: dict[int, FlowerRun] = {}
        self.stopped: list[int] = []

    def start(self, run_config: object) -> int:  # noqa: ARG002
        number = len(self.known) + 1
        self.known[number] = FlowerRun(number, "running", "", "", 0, 0)
        return number

    def stop(self, number: int) -> None:
        if number in self.known:
            self.stopped.append(number)
            self.ends(number, "stopped")

    def run(self, number: int) -> FlowerRun | None:
        return self.known.get(number)

    def runs(self, number: int | None = None) -> dict[int, FlowerRun]:  # noqa: ARG002
        return dict(self.known)

    def ends(self, number: int, ending: str, details: str = "") -> None:
        self.known[number] = FlowerRun(number, "finished", ending, details, 0, 0)
