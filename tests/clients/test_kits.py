"""The kits of both ends: complete, valid, hardened, and with commands that exist."""

import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from click.testing import CliRunner, Result

from fedtranslate import __version__
from fedtranslate.cli import main
from fedtranslate.cli.kits import coordinator_kit, site_kit

KITS = Path(__file__).parents[2] / "clients" / "kits"
ENDPOINT = ["--endpoint", "https://coordinator.example:9443"]
SITE = [*ENDPOINT, "--name", "north", "--address", "192.0.2.7"]
FORMS = ("systemd", "docker", "kubernetes")
SERVICES = {
    "coordinator": ("fedtranslate-coordinator.service",),
    "site": tuple(f"fedtranslate-site-{part}.service" for part in ("network", "data")),
}
RELAYS = ("fedtranslate-site-link.service", "fedtranslate-site-inside.service")
MOST_EXPOSED = 1.5
needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="apt-get install systemd"
)
each_kit = pytest.mark.parametrize(
    ("end", "form"), [(end, form) for end in SERVICES for form in FORMS]
)
each_service = pytest.mark.parametrize(
    ("end", "name"),
    [(end, name) for end in SERVICES for name in SERVICES[end]] + [("site", one) for one in RELAYS],
)


def asked(end: str, folder: Path, form: str, *options: str) -> Result:
    command, told = (coordinator_kit, ENDPOINT) if end == "coordinator" else (site_kit, SITE)
    return CliRunner().invoke(command, [str(folder), "--form", form, *told, *options])


def kit(end: str, form: str, folder: Path, *options: str) -> Path:
    made = asked(end, folder / "kit", form, *options)
    assert made.exit_code == 0, made.output
    return folder / "kit"


def files_in(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*")) if path.is_file()]


@each_kit
def test_a_kit_is_copied_whole_and_nothing_in_it_is_left_to_fill_in(
    end: str, form: str, tmp_path: Path
) -> None:
    folder = kit(end, form, tmp_path)
    copied = {path.relative_to(folder).as_posix() for path in files_in(folder)}
    there = {path.relative_to(KITS / end / form).as_posix() for path in files_in(KITS / end / form)}
    assert {"README.md", *there} <= copied
    assert ("image/constraints.txt" in copied) == (form != "systemd")
    for path in files_in(folder):
        assert re.findall(r"@[A-Z_]+@", path.read_text("utf-8")) == []


@each_kit
def test_a_kit_overwrites_nothing(end: str, form: str, tmp_path: Path) -> None:
    folder = kit(end, form, tmp_path)
    (folder / "README.md").write_text("mine")
    again = asked(end, folder, form)
    assert "is there already" in str(again.exception)
    assert (folder / "README.md").read_text() == "mine"


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--endpoint", "http://coordinator.example:9443"], "not of the form"),
        (["--endpoint", "https://coordinator.example:9443/x"], "not of the form"),
        (["--endpoint", "https://a b:1"], "not of the form"),
        (["--endpoint", "https://coordinator.example:99999"], "not of the form"),
        (["--address", "coordinator.example"], "no IP address"),
        (["--name", "north\nUser=root"], "no name of a site"),
        (["--folder", "/var/lib/a b"], "cannot be filled in"),
        (["--folder", "var/lib"], "cannot be filled in"),
        (["--code", "/srv/../etc"], "cannot be filled in"),
        (["--programs", "/opt/%h"], "cannot be filled in"),
    ],
)
def test_what_would_change_the_meaning_of_a_file_is_refused(
    options: list[str], complaint: str, tmp_path: Path
) -> None:
    refused = asked("site", tmp_path / "kit", "systemd", *options)
    assert complaint in str(refused.exception)
    assert not (tmp_path / "kit").exists()


def test_containers_need_a_coordinator_with_a_name_and_units_do_not(tmp_path: Path) -> None:
    by_address = ["--endpoint", "https://192.0.2.7:9443"]
    assert "has no name" in str(asked("site", tmp_path / "a", "docker", *by_address).exception)
    assert asked("site", tmp_path / "b", "systemd", *by_address).exit_code == 0


def test_an_address_of_ip_version_6_is_written_as_each_tool_wants_it(tmp_path: Path) -> None:
    docker, kubernetes, units = (
        kit("site", form, tmp_path / form, "--address", "2001:db8::7")
        for form in ("docker", "kubernetes", "systemd")
    )
    assert "TCP:[2001:db8::7]:9443" in (docker / "compose.yaml").read_text()
    assert "cidr: 2001:db8::7/128" in (kubernetes / "networkpolicy.yaml").read_text()
    assert "ip6 daddr 2001:db8::7" in (units / "optional" / "egress.nft").read_text()


# Commands


def command_lines(folder: Path) -> Iterator[list[str]]:
    """Yield the words behind ``fedtranslate`` wherever a file of a kit has that as a command."""
    for path in files_in(folder):
        text = path.read_text("utf-8")
        if path.suffix == ".service":
            lines = re.findall(r"^ExecStart=\S+/fedtranslate (.*)", text, re.MULTILINE)
            yield from (shlex.split(line) for line in lines)
        elif path.name == "Dockerfile":
            yield from (json.loads(line)[1:] for line in re.findall(r'CMD (\["fed.*\])', text))
        elif path.suffix == ".yaml":
            for document in yaml.safe_load_all(text):
                yield from words_in(document)
        elif path.suffix == ".md":
            # In a sentence, a command may be named without what it needs.
            lines = re.findall(r"^fedtranslate (.*)", text, re.MULTILINE)
            for span in re.findall(r"`([^`\n]+)`", text):
                lines += re.findall(r"\bfedtranslate (\w+ \w+ .*)", span)
            yield from (shlex.split(line) for line in lines)


def words_in(document: object) -> Iterator[list[str]]:
    """Yield commands in YAML: lists of words, and lines of scripts."""
    if isinstance(document, dict):
        for inner in document.values():
            yield from words_in(inner)
    if not isinstance(document, list):
        return
    words = [str(word) for word in document if str(word) != "CMD"]
    if words[:1] == ["fedtranslate"]:
        yield words[1:]
    elif words[:1] == ["sh"]:
        found = re.findall(r"\bfedtranslate (.*)", words[-1])
        yield from (shlex.split(line) for line in found)
    else:
        for inner in document:
            yield from words_in(inner)


def parsed(words: list[str]) -> dict[str, Any]:
    """Let click read a command line as it would, and return the values."""
    command: click.Command = main
    context = click.Context(main, **main.context_settings)
    while isinstance(command, click.Group):
        found = command.get_command(context, words[0])
        assert found is not None, f"there is no command {words}"
        command, words = found, words[1:]
    # Commands remember how help is asked for in the first context that they see.
    return command.make_context("command", list(words), parent=context).params


@each_kit
def test_every_command_of_a_kit_exists_with_its_options(
    end: str, form: str, tmp_path: Path
) -> None:
    lines = list(command_lines(kit(end, form, tmp_path)))
    ran = [line for line in lines if line[1] in ("up", "status")]
    assert len(ran) >= {"systemd": 1, "docker": 3, "kubernetes": 3}[form]
    for line in lines:
        parsed(line)


def test_both_parts_of_a_site_are_started_and_agree_on_the_port(tmp_path: Path) -> None:
    for form in FORMS:
        folder = kit("site", form, tmp_path / form)
        lines = [line for line in command_lines(folder) if line[1] == "up"]
        told = [parsed(line) for line in lines]
        assert {values["part"] for values in told} == {"network", "data"}
        assert {values["port"] for values in told} == {9400}
        assert all(values["foreground"] for values in told)


def test_a_command_with_an_option_that_nobody_knows_is_found_out() -> None:
    with pytest.raises(click.UsageError, match="No such option"):
        parsed(shlex.split("site up --foreground --hostt x"))


# systemd


def settings(unit: Path) -> dict[str, list[str]]:
    """Return the settings of a unit, each with all its values."""
    found: dict[str, list[str]] = {}
    for line in unit.read_text("utf-8").splitlines():
        if "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


def units(end: str, folder: Path) -> Path:
    """Copy a kit out whose programs are there, as systemd wants it."""
    programs = folder / "programs"
    (programs / "bin").mkdir(parents=True)
    (programs / "bin" / "fedtranslate").symlink_to("/bin/true")
    made = kit(end, "systemd", folder, "--programs", "/opt/fedtranslate")
    found = made / "etc" / "systemd" / "system"
    for unit in found.glob("*.service"):
        replaced = unit.read_text("utf-8").replace("/opt/fedtranslate", str(programs))
        unit.write_text(replaced.replace("/usr/bin/socat", "/bin/true"), "utf-8")
    return found


@needs_systemd
@pytest.mark.parametrize("end", SERVICES)
def test_systemd_takes_the_units_without_a_word(end: str, tmp_path: Path) -> None:
    names = sorted(map(str, units(end, tmp_path).iterdir()))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *names], capture_output=True, text=True
    )
    said = [line for line in done.stderr.splitlines() if str(tmp_path) in line or "fedtr" in line]
    assert (done.returncode, said) == (0, [])


@needs_systemd
@each_service
def test_a_unit_is_hardly_exposed(end: str, name: str, tmp_path: Path) -> None:
    unit = units(end, tmp_path) / name
    threshold = f"--threshold={MOST_EXPOSED * 10:.0f}"
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", threshold, str(unit)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-400:] + done.stderr


@each_service
def test_a_unit_is_hardened(end: str, name: str, tmp_path: Path) -> None:
    folder = kit(end, "systemd", tmp_path)
    found = settings(folder / "etc" / "systemd" / "system" / name)
    yes = (
        "NoNewPrivileges",
        "PrivateTmp",
        "PrivateDevices",
        "PrivateUsers",
        "ProtectHome",
        "ProtectKernelTunables",
        "RestrictNamespaces",
        "RestrictSUIDSGID",
    )
    assert {key: found.get(key) for key in yes} == {key: ["yes"] for key in yes}
    assert found["ProtectSystem"] == ["strict"]
    assert found["CapabilityBoundingSet"] == [""]
    assert found["UMask"] == ["0077"]
    assert found["Restart"] == ["always"]
    assert found["SystemCallFilter"][0] == "@system-service"
    assert "User" in found


def test_the_data_part_has_no_network_and_the_network_part_no_code(tmp_path: Path) -> None:
    folder = kit("site", "systemd", tmp_path) / "etc" / "systemd" / "system"
    network, data = (settings(folder / name) for name in SERVICES["site"])
    assert data["PrivateNetwork"] == ["yes"]
    assert network["IPAddressDeny"] == data["IPAddressDeny"] == ["any"]
    assert network["IPAddressAllow"] == ["localhost 192.0.2.7"]
    assert network["User"] != data["User"]
    assert "/srv/code" in network["InaccessiblePaths"][0]
    assert "site.toml" in network["InaccessiblePaths"][0]
    assert "membership/site.key" in data["InaccessiblePaths"][0]
    assert data["ReadOnlyPaths"] == ["/var/lib/fedtranslate/site/membership"]
    assert network["MemoryDenyWriteExecute"] == ["yes"]
    joined = settings(folder / "fedtranslate-site-inside.service")
    assert joined["JoinsNamespaceOf"] == [SERVICES["site"][1]]


def test_modes_say_who_may_read_what(tmp_path: Path) -> None:
    folder = kit("site", "systemd", tmp_path) / "etc"
    lines = (folder / "tmpfiles.d" / "fedtranslate-site.conf").read_text().splitlines()
    fields = [line.split() for line in lines if not line.startswith("#")]
    modes = {Path(path).name: (mode, user, group) for _, path, mode, user, group, *_ in fields}
    network, data, both = "fedtranslate-network", "fedtranslate-data", "fedtranslate-site"
    assert modes["site.key"] == modes["next.key"] == ("0400", network, network)
    assert modes["executor.secret"] == ("0640", "root", both)
    assert modes["membership.json"] == ("0640", "root", both)
    assert modes["membership"] == ("0750", "root", both)
    assert modes["site.toml"] == ("0640", "root", data)
    made = (folder / "sysusers.d" / "fedtranslate-site.conf").read_text()
    assert f"m {network} {both}" in made
    assert f"m {data} {both}" in made


@pytest.mark.skipif(shutil.which("systemd-sysusers") is None, reason="apt-get install systemd")
@pytest.mark.parametrize("end", SERVICES)
def test_systemd_reads_users_and_folders(end: str, tmp_path: Path) -> None:
    folder = kit(end, "systemd", tmp_path) / "etc"
    root = tmp_path / "root"
    (root / "etc").mkdir(parents=True)
    for program, place in (("sysusers", "sysusers.d"), ("tmpfiles", "tmpfiles.d")):
        (file,) = (folder / place).iterdir()
        argv = [f"systemd-{program}", f"--root={root}", str(file)]
        argv += ["--create"] if program == "tmpfiles" else []
        done = subprocess.run(argv, capture_output=True, text=True)
        assert (done.returncode, "rror" in done.stderr) == (0, False), done.stderr
    assert (root / "var/lib/fedtranslate" / end).is_dir()
    assert "fedtranslate" in (root / "etc/passwd").read_text()


# Docker


def compose(end: str, folder: Path) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((kit(end, "docker", folder) / "compose.yaml").read_text())
    return read


@pytest.mark.parametrize("end", SERVICES)
def test_every_container_is_hardened(end: str, tmp_path: Path) -> None:
    for name, service in compose(end, tmp_path)["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert re.fullmatch(r"1000\d:10000", service["user"]), name
        assert {"mem_limit", "pids_limit", "tmpfs", "healthcheck"} <= set(service), name
        assert not {"privileged", "cap_add", "devices", "network_mode"} & set(service) - (
            {"network_mode"} if service.get("network_mode") == "none" else set()
        ), name
        assert not [one for one in service.get("volumes", []) if "docker.sock" in one], name


def test_containers_of_a_site_have_one_way_out_and_the_data_part_none(tmp_path: Path) -> None:
    read = compose("site", tmp_path)
    services = read["services"]
    assert read["networks"]["inside"] == {"internal": True}
    assert services["data"]["network_mode"] == "none"
    assert [name for name, one in services.items() if "outside" in one.get("networks", {})] == [
        "outside"
    ]
    assert services["outside"]["command"][-1] == "TCP:192.0.2.7:9443"
    assert services["outside"]["networks"]["inside"]["aliases"] == ["coordinator.example"]
    assert not [one for one in services.values() if "ports" in one]


def test_containers_of_a_site_see_only_what_their_part_needs(tmp_path: Path) -> None:
    services = compose("site", tmp_path)["services"]
    network, data = ("\n".join(services[part]["volumes"]) for part in ("network", "data"))
    assert "/code" not in network
    assert "site.toml" not in network
    assert "site.key" not in data
    assert "./site/membership:" not in data
    assert "/srv/code:/code:ro" in data
    assert services["network"]["user"] != services["data"]["user"]


def instructions(dockerfile: Path) -> list[tuple[str, str]]:
    """Return the instructions of a Dockerfile, continued lines joined, comments left out."""
    lines = [line for line in dockerfile.read_text().splitlines() if not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    split = [line.split(None, 1) for line in joined.splitlines() if line.strip()]
    return [(name, " ".join(rest.split())) for name, rest in split]


@pytest.mark.parametrize("end", SERVICES)
def test_an_image_is_small_pinned_and_not_of_root(end: str, tmp_path: Path) -> None:
    found = instructions(kit(end, "docker", tmp_path) / "image" / "Dockerfile")
    bases = [rest for name, rest in found if name == "FROM"]
    assert re.fullmatch(r"python:3\.\d+\.\d+-slim-\w+ AS base", bases[0])
    assert all(base.split()[0] == "base" for base in bases[1:])
    assert len(bases) == 3
    users = [rest for name, rest in found if name == "USER"]
    assert users == ["10001:10000"]
    runs = [rest for name, rest in found if name == "RUN"]
    assert not [run for run in runs if re.search(r"\b(gcc|build-essential|curl|sudo|wget)\b", run)]
    for run in runs:
        for install in re.findall(r"pip install[^&]*", run):
            assert "--constraint constraints.txt" in install
            assert "--only-binary :all:" in install
        if "apt-get install" in run:
            assert "--no-install-recommends" in run
            assert "rm -rf /var/lib/apt/lists/*" in run
    assert not [name for name, _ in found if name in ("ADD", "ONBUILD", "VOLUME")]
    last = [name for name, _ in found]
    assert last.index("USER") < last.index("HEALTHCHECK") < last.index("CMD")
    assert [json.loads(rest) for name, rest in found if name == "CMD"]
    (copied,) = [rest for name, rest in found if name == "COPY" and "constraints" in rest]
    assert f"fedtranslate-{__version__}-py3-none-any.whl" in copied
    assert not [rest for name, rest in found if re.search(r"(?i)secret|password|token", rest)]


@pytest.mark.parametrize("end", SERVICES)
def test_nothing_but_the_wheel_and_the_constraints_reaches_the_builder(
    end: str, tmp_path: Path
) -> None:
    lines = (kit(end, "docker", tmp_path) / "image" / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if not line.startswith("#")]
    assert rules == ["*", "!constraints.txt", "!fedtranslate-*.whl"]


# Kubernetes


def manifests(end: str, folder: Path) -> list[dict[str, Any]]:
    made = kit(end, "kubernetes", folder)
    return [
        document
        for path in sorted(made.glob("*.yaml"))
        if path.name != "kustomization.yaml"
        for document in yaml.safe_load_all(path.read_text())
    ]


def pods(documents: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    found = {}
    for document in documents:
        if document["kind"] == "Pod":
            found[document["metadata"]["name"]] = document["spec"]
        if document["kind"] == "Deployment":
            found[document["metadata"]["name"]] = document["spec"]["template"]["spec"]
    return found


@pytest.mark.parametrize("end", SERVICES)
def test_every_pod_is_hardened(end: str, tmp_path: Path) -> None:
    found = pods(manifests(end, tmp_path))
    assert len(found) == 2
    for spec in found.values():
        assert spec["automountServiceAccountToken"] is False
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(spec)
        assert not [volume for volume in spec["volumes"] if "hostPath" in volume]
        for container in spec["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert set(container["resources"]) == {"requests", "limits"}
            assert container["image"].endswith(f":{__version__}")


@pytest.mark.parametrize("end", SERVICES)
def test_a_namespace_refuses_pods_that_are_not_hardened(end: str, tmp_path: Path) -> None:
    (found,) = [one for one in manifests(end, tmp_path) if one["kind"] == "Namespace"]
    assert found["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


@pytest.mark.parametrize("end", SERVICES)
def test_kustomization_names_every_manifest_that_is_applied(end: str, tmp_path: Path) -> None:
    folder = kit(end, "kubernetes", tmp_path)
    named = yaml.safe_load((folder / "kustomization.yaml").read_text())["resources"]
    there = {path.name for path in folder.glob("*.yaml")}
    assert set(named) == there - {"kustomization.yaml", "admin.yaml"}


def test_pods_of_a_site_reach_what_their_part_needs_and_no_dns(tmp_path: Path) -> None:
    documents = manifests("site", tmp_path)
    policies = {
        one["metadata"]["name"]: one["spec"] for one in documents if one["kind"] == "NetworkPolicy"
    }
    assert policies["nothing"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    (out,) = policies["fedtranslate-network"]["egress"]
    assert out["to"] == [{"ipBlock": {"cidr": "192.0.2.7/32"}}]
    assert out["ports"] == [{"protocol": "TCP", "port": 9443}]
    (out,) = policies["fedtranslate-data"]["egress"]
    assert out["ports"] == [{"protocol": "TCP", "port": 9401}]
    component = out["to"][0]["podSelector"]["matchLabels"]["app.kubernetes.io/component"]
    assert component == "site-network"
    assert "ingress" not in policies["fedtranslate-data"]
    assert all(spec["dnsPolicy"] == "None" for spec in pods(documents).values())


def test_pods_of_a_site_see_only_what_their_part_needs(tmp_path: Path) -> None:
    found = pods(manifests("site", tmp_path))
    network, data = (json.dumps(found[f"fedtranslate-{part}"]) for part in ("network", "data"))
    assert "fedtranslate-key" in network
    assert "fedtranslate-key" not in data
    assert "fedtranslate-code" in data
    assert "fedtranslate-code" not in network
    assert "fedtranslate-settings" not in network


def test_a_coordinator_lets_one_port_in_and_nothing_out(tmp_path: Path) -> None:
    documents = manifests("coordinator", tmp_path)
    policies = [one["spec"] for one in documents if one["kind"] == "NetworkPolicy"]
    assert all("egress" not in spec and "Egress" in spec["policyTypes"] for spec in policies)
    ports = [rule["ports"] for spec in policies for rule in spec.get("ingress", [])]
    assert ports == [[{"protocol": "TCP", "port": 9443}]]
    assert not [one for one in documents if one["kind"] == "Ingress"]
