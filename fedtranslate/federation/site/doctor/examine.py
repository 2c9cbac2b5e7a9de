"""All checks of a site, in the order in which things depend on each other."""

from collections.abc import Callable, Iterator
from functools import partial

from fedtranslate.config.federation import SiteSettings, read_site
from fedtranslate.config.places import missing_places
from fedtranslate.config.reading import read_toml
from fedtranslate.errors import ConfigError
from fedtranslate.federation.site.doctor import machine, material, network
from fedtranslate.federation.site.doctor.check import Check, Examination, bad, examined, good, weak
from fedtranslate.federation.site.enrolment.kept import Enrolment, read_enrolment
from fedtranslate.federation.site.place import SitePlace


def examine(
    place: SitePlace,
    clock: Callable[[], int],
    *,
    direction: tuple[str, str],
    is_quick: bool = False,
) -> Iterator[Check]:
    """Yield every check of a site; none stops the others.

    Args:
        place: The site's folder.
        clock: Returns the seconds since 1970.
        direction: That is looked at where the policy allows all.
        is_quick: Leave out the round on made-up pairs.
    """
    known, site = _known(place), _settings(place)
    yield from examined(_of_membership(place, known, clock))
    yield from examined(
        [
            ("site.toml", partial(_of_settings, place)),
            ("secrets", partial(machine.files, place)),
            ("disk", partial(machine.disk, place)),
            ("ledger", partial(material.ledger, place)),
        ]
    )
    bases = site.policy.bases if site is not None else ("builtin",)
    directions = (
        material.directions_of(site.policy, direction) if site is not None else (direction,)
    )
    yield from examined(_of_machine(bases, directions))
    if site is not None:
        yield from examined(_of_material(site, directions, is_quick=is_quick))


def _known(place: SitePlace) -> Enrolment | None:
    try:
        return read_enrolment(place)
    except Exception:
        return None  # told by the check of the membership


def _settings(place: SitePlace) -> SiteSettings | None:
    try:
        return read_site(place.settings)
    except ConfigError:
        return None  # told by the check of site.toml


def _of_membership(
    place: SitePlace, known: Enrolment | None, clock: Callable[[], int]
) -> list[tuple[str, Examination]]:
    if known is None:
        return [("membership", partial(_no_member, place))]
    return [
        ("network", partial(network.way, known)),
        ("TLS", partial(network.tls, place, known, clock)),
        ("identity", partial(network.identity, place, clock)),
    ]


def _no_member(place: SitePlace) -> Iterator[Check]:
    read_enrolment(place)
    fix = "'fedtranslate site join INVITE' makes it one; --dir names another folder."
    yield bad("membership", f"{place.root} is not the folder of a member", fix)


def _of_settings(place: SitePlace) -> Iterator[Check]:
    try:
        read_site(place.settings)
    except ConfigError as error:
        yield bad("site.toml", str(error), f"Edit {place.settings}.")
        return
    missing = missing_places(read_toml(place.settings), place.root)
    if missing:
        yield weak("site.toml", "; ".join(missing), f"Edit {place.settings}, or put them there.")
    else:
        yield good("site.toml", f"{place.settings} can be read")


def _of_machine(
    bases: tuple[str, ...], directions: tuple[tuple[str, str], ...]
) -> Iterator[tuple[str, Examination]]:
    for base in bases:
        yield f"memory for {base}", partial(machine.memory, base)
        yield f"base {base}", partial(machine.base_model, base)
    for name in dict.fromkeys(name for pair in directions for name in pair):
        yield f"grammar {name}", partial(machine.language, name)
    for name in dict.fromkeys(target for _, target in directions):
        yield f"compiler {name}", partial(machine.compiler, name)


def _of_material(
    site: SiteSettings, directions: tuple[tuple[str, str], ...], *, is_quick: bool
) -> Iterator[tuple[str, Examination]]:
    yield "policy", partial(material.policy_of, site.policy)
    for way in directions:
        yield f"pairs {'->'.join(way)}", partial(material.pairs, site, way)
    for base in () if is_quick else site.policy.bases[:1]:
        yield "dry run", partial(_dry_run, site, base, directions[0])


def _dry_run(site: SiteSettings, base: str, direction: tuple[str, str]) -> Iterator[Check]:
    if machine.fits(base):
        yield from material.dry_run(site, base, direction)
    else:
        yield bad("dry run", "not tried, as memory would not do", "See memory above.")
