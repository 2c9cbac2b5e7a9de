"""Sites that join at a small door."""

import time
from pathlib import Path

from small_door import SmallDoor

from fedtranslate.federation.membership.invite import Invite
from fedtranslate.federation.membership.keys import load_site_key, public_text
from fedtranslate.federation.site.enrolment.door import fetch_ca
from fedtranslate.federation.site.enrolment.joining import join
from fedtranslate.federation.site.enrolment.kept import Enrolment
from fedtranslate.federation.site.place import SitePlace


def now() -> int:
    return int(time.time())


def place(folder: Path) -> SitePlace:
    return SitePlace(folder / "site")


def joined(door: SmallDoor, folder: Path, invite: Invite | None = None) -> Enrolment:
    invite = invite or door.invite()
    ca = fetch_ca(invite.endpoint, invite.ca, timeout=5)
    return join(place(folder), invite, ca, now)[0]


def public(path: Path) -> str:
    return public_text(load_site_key(path))
