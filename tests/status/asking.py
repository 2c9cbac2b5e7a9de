"""How the status page is asked: paths, with a token or another, at a time that tests set."""

from example_place import NOW, TOKEN

READING = ("/api/snapshot", "/api/runs/elm", "/api/events")
OPEN = ("/", "/page.css", "/page.js", "/health")
BEARER = {"Authorization": f"Bearer {TOKEN}"}
WRONG = {"Authorization": "Bearer another"}


class Clock:
    def __init__(self) -> None:
        self.now = float(NOW)

    def __call__(self) -> float:
        return self.now
