"""Where a site keeps what: the layout of its folder.

SITE/site.toml          its pairs, and the policy
SITE/membership/        what it is a member of, and its key; mode 0600
SITE/ledger.jsonl       everything that left; ledger.head names the last entry
SITE/installed/         the adapter in use
SITE/releases/          joint adapters that came, signed
SITE/traffic/           the joint adapter of a run, and what rounding has left over
SITE/errors.log         texts of errors, which never leave
SITE/logs/  SITE/state/ of the programs
"""

from dataclasses import dataclass
from pathlib import Path

SITE_FILE = "site.toml"


@dataclass(frozen=True, slots=True)
class SitePlace:
    """The folder of one site."""

    root: Path

    @property
    def settings(self) -> Path:
        """Return the file of the site's pairs and policy."""
        return self.root / SITE_FILE

    @property
    def key(self) -> Path:
        """Return the key that makes this site a member."""
        return self.root / "membership" / "site.key"

    @property
    def next_key(self) -> Path:
        """Return the key that takes over at the end of a rotation."""
        return self.root / "membership" / "next.key"

    @property
    def ca_certificate(self) -> Path:
        """Return the coordinator's certificate authority, as pinned by the invite."""
        return self.root / "membership" / "ca.crt"

    @property
    def membership(self) -> Path:
        """Return what the site knows of its federation, in JSON."""
        return self.root / "membership" / "membership.json"

    @property
    def executor_secret(self) -> Path:
        """Return what the network process and the data process share."""
        return self.root / "membership" / "executor.secret"

    @property
    def ledger(self) -> Path:
        """Return the list of everything that left."""
        return self.root / "ledger.jsonl"

    @property
    def releases(self) -> Path:
        """Return the store of joint adapters that came."""
        return self.root / "releases"

    @property
    def logs(self) -> Path:
        """Return the folder of the programs' logs."""
        return self.root / "logs"

    @property
    def state(self) -> Path:
        """Return the folder of what the running programs keep."""
        return self.root / "state"
