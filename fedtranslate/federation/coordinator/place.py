"""Where a coordinator keeps what: the layout of its folder.

DIR/coordinator.toml   settings
DIR/ca/                its certificate authority
DIR/tls/               the certificate of its door
DIR/secrets/           keys and shared secrets; mode 0600
DIR/members.db         invites and sites
DIR/superlink.db       Flower's own state
DIR/runs/NAME/         a run: its journal, and the settings it was started with
DIR/releases/          adapters that were published
DIR/logs/  DIR/state/  of the programs
"""

from dataclasses import dataclass
from pathlib import Path

SETTINGS_FILE = "coordinator.toml"


@dataclass(frozen=True, slots=True)
class CoordinatorPlace:
    """The folder of one coordinator."""

    root: Path

    @property
    def settings(self) -> Path:
        """Return the settings file."""
        return self.root / SETTINGS_FILE

    @property
    def ca_certificate(self) -> Path:
        """Return the certificate that sites pin."""
        return self.root / "ca" / "ca.crt"

    @property
    def ca_key(self) -> Path:
        """Return the key that signs certificates."""
        return self.root / "ca" / "ca.key"

    @property
    def server_certificate(self) -> Path:
        """Return the door's certificate."""
        return self.root / "tls" / "server.crt"

    @property
    def server_key(self) -> Path:
        """Return the door's key."""
        return self.root / "tls" / "server.key"

    @property
    def apps_secret(self) -> Path:
        """Return what the SuperLink and the program that runs its apps share."""
        return self.root / "secrets" / "apps.secret"

    @property
    def signing_key(self) -> Path:
        """Return the key that signs releases."""
        return self.root / "secrets" / "signing.key"

    @property
    def pseudonym_key(self) -> Path:
        """Return the secret that sites' pseudonyms are made with."""
        return self.root / "secrets" / "pseudonym.key"

    @property
    def page_token(self) -> Path:
        """Return the token for what the status page does not show to everybody."""
        return self.root / "secrets" / "page.token"

    @property
    def bundle_hash(self) -> Path:
        """Return where the SHA-256 of the bundle stands that runs are started with."""
        return self.root / "state" / "bundle.sha256"

    @property
    def members(self) -> Path:
        """Return the register of invites and sites."""
        return self.root / "members.db"

    @property
    def link_database(self) -> Path:
        """Return Flower's database."""
        return self.root / "superlink.db"

    @property
    def runs(self) -> Path:
        """Return the folder of all runs."""
        return self.root / "runs"

    @property
    def releases(self) -> Path:
        """Return the store of published adapters."""
        return self.root / "releases"

    @property
    def logs(self) -> Path:
        """Return the folder of the programs' logs."""
        return self.root / "logs"

    @property
    def state(self) -> Path:
        """Return the folder of what the running programs keep."""
        return self.root / "state"

    @property
    def online(self) -> Path:
        """Return where the programs note who is connected, for the status page.

        ``{"time": SECONDS, "sites": [NAME, ...]}``; believed for a minute.
        """
        return self.state / "online.json"

    def run(self, name: str) -> Path:
        """Return the folder of a run."""
        return self.runs / name
