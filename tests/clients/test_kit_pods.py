"""The Kubernetes manifests of the kits: hardened, and each pod with its own ways out."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from example_kits import SERVICES, kit

from fedtranslate import __version__


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
