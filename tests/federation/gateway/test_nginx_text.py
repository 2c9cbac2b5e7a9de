"""The configuration of nginx: where it writes, what it refuses to be written into."""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from doors import Door, new_coordinator, upstream_at, wait_for_port

from fedtranslate.config.coordinator import CoordinatorSettings
from fedtranslate.errors import FederationError
from fedtranslate.federation.coordinator.place import CoordinatorPlace
from fedtranslate.federation.gateway.nginx import nginx_configuration, nginx_folder

SETTINGS = CoordinatorSettings(federation="trade", organisation="Trade AG")


@pytest.mark.parametrize("folder", ['/tmp/a"b', "/tmp/a$b", "/tmp/a\\b", "/tmp/a\nb", "relative"])
def test_a_folder_that_nginx_would_misread_is_refused(folder: str) -> None:
    with pytest.raises(FederationError, match="nginx cannot work in"):
        nginx_configuration(SETTINGS, CoordinatorPlace(Path(folder)))


def test_an_address_cannot_smuggle_directives_in() -> None:
    settings = SETTINGS.model_copy(update={"address": "0.0.0.0; evil on"})
    with pytest.raises(FederationError, match="The address"):
        nginx_configuration(settings, CoordinatorPlace(Path("/srv/hub")))


def test_all_places_are_in_the_folder_and_ipv6_has_brackets() -> None:
    settings = SETTINGS.model_copy(update={"address": "::"})
    text = nginx_configuration(settings, CoordinatorPlace(Path("/srv/my hub")))
    places = re.findall(r'"(/[^"]*)"', text)
    assert len(places) == 11
    assert all(place.startswith("/srv/my hub/") for place in places)
    assert "listen [::]:9443 ssl;" in text
    assert "\nuser " not in text


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
@pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not on this machine")
def test_a_normal_user_runs_it_without_a_warning() -> None:
    # Not below pytest's folder, where a normal user may not go.
    with tempfile.TemporaryDirectory(prefix="fedtranslate-nginx-") as name:
        Path(name).chmod(0o755)
        door = Door(*new_coordinator(Path(name) / "hub"))
        configured = nginx_folder(door.place) / "nginx.conf"
        configured.parent.mkdir()
        configured.write_text(nginx_configuration(door.settings, door.place))
        for path in (door.place.root, *door.place.root.rglob("*")):
            shutil.chown(path, "nobody")
        argv = ["nginx", "-c", str(configured)]
        tried = subprocess.run([*argv, "-t"], user="nobody", capture_output=True, check=True)
        assert b"[warn]" not in tried.stderr
        process = subprocess.Popen([*argv, "-g", "daemon off;"], user="nobody")
        try:
            wait_for_port(door.settings.port, process)
            with upstream_at(door.place, door.settings):
                assert door.ask("POST", "/v1/fleet/echo", b"hi" * 50_000)[1] == b"hi" * 50_000
                assert door.ask("POST", "/v1/control/x", b"hi")[0] == 403
        finally:
            process.terminate()
            process.wait(20)
