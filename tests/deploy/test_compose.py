"""docker-compose.yml is what it says it is: no engine runs here, so its words are checked one by one."""

from __future__ import annotations

import ast
import ipaddress
import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

BASE = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((BASE / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
OURS = ["migrate", "web", "worker", "scheduler"]
LASTING = sorted(SERVICES.keys() - {"migrate", "backup"})


def settings_names() -> set[str]:
    """Every name that the platform reads from its environment, from the source itself."""
    found = set()
    for path in [*BASE.glob("smmp/**/*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and getattr(node.func.value, "id", "") == "env"
                and node.args
            ):
                found |= {n.value for n in ast.walk(node.args[0]) if isinstance(n, ast.Constant)}
    return {name for name in found if isinstance(name, str) and re.fullmatch(r"[A-Z][A-Z_]+", name)}


def test_it_uses_only_keys_that_compose_knows_and_each_rightly():
    schema = json.loads((Path(__file__).parent / "compose_schema.json").read_text())
    Draft202012Validator.check_schema(schema)
    faults = [
        f"{list(e.absolute_path)}: {e.message}" for e in Draft202012Validator(schema).iter_errors(COMPOSE)
    ]
    assert faults == []


def test_every_part_of_the_production_shape_is_there():
    assert set(SERVICES) == {"db", "redis", "migrate", "web", "worker", "scheduler", "proxy", "backup"}


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_service_runs_as_nobody_in_particular_and_writes_nowhere_by_itself(name):
    service = SERVICES[name]
    assert service["user"].split(":")[0] not in {"", "0", "root"}
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert all("noexec" in mount and "nosuid" in mount for mount in service["tmpfs"])
    assert not any("docker.sock" in mount for mount in service.get("volumes", []))


@pytest.mark.parametrize("name", LASTING)
def test_a_lasting_service_comes_back_and_is_looked_at(name):
    assert SERVICES[name]["restart"] == "unless-stopped"
    assert SERVICES[name]["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}


def test_the_migration_runs_once_before_the_rest():
    assert SERVICES["migrate"]["restart"].startswith("on-failure")
    # Run by hand or each night (docs/operations.md), and never by `up`.
    assert (SERVICES["backup"]["restart"], SERVICES["backup"]["profiles"]) == ("no", ["backup"])
    assert SERVICES["migrate"]["depends_on"]["db"]["condition"] == "service_healthy"
    for name in ("web", "worker", "scheduler"):
        assert SERVICES[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"


@pytest.mark.parametrize("part", ["web", "worker", "scheduler"])
def test_each_part_starts_by_the_code_that_make_run_uses(part):
    assert SERVICES[part]["command"] == ["python", "manage.py", "serve", part]
    assert SERVICES[part]["healthcheck"]["test"] == ["CMD", "python", "manage.py", "healthy", part]


def test_secrets_come_from_files_and_everyone_holds_only_what_they_need():
    declared = COMPOSE["secrets"]
    used = {secret for service in SERVICES.values() for secret in service.get("secrets", [])}
    assert used == set(declared)
    for name, service in SERVICES.items():
        for key, value in service.get("environment", {}).items():
            if key.endswith("_FILE"):
                assert value.removeprefix("/run/secrets/") in service["secrets"], (name, key)
            else:
                assert not re.search(r"PASSWORD|SECRET|TOKEN|KEYS|_URL$", key), (name, key)
    assert [n for n in SERVICES if "database_owner_url" in SERVICES[n]["secrets"]] == ["migrate", "backup"]
    assert [n for n in SERVICES if "db_super_password" in SERVICES[n]["secrets"]] == ["db"]
    assert [n for n in SERVICES if "tls_key" in SERVICES[n]["secrets"]] == ["proxy"]
    assert "/deploy/secrets/" in (BASE / ".gitignore").read_text().split()
    assert "deploy/secrets" in (BASE / ".dockerignore").read_text().split()


def test_nothing_that_reads_like_a_password_stands_in_any_of_the_files():
    for path in [BASE / "docker-compose.yml", BASE / "Dockerfile", *(BASE / "deploy").glob("*")]:
        if path.is_dir():
            continue
        for line in path.read_text().splitlines():
            assert not re.search(r"(?i)(password|secret|token)\w*\s*[:=]\s*['\"]?[a-z0-9]{6,}", line), line
            assert not re.search(r"://[^/\s:$]*:[^$@\s]+@", line), line


def test_images_are_plain_names_with_a_version():
    for name in ("db", "redis", "proxy"):
        assert re.fullmatch(r"[a-z]+(/[a-z]+)?:[0-9][0-9.]*", SERVICES[name]["image"]), name
    for name in OURS:
        assert SERVICES[name]["image"].startswith("smmp:")
    bases = re.findall(r"^FROM (\S+)", (BASE / "Dockerfile").read_text(), re.M)
    assert set(bases) == {"python:3.13-slim"}


def test_only_the_proxy_is_reachable_and_the_database_reaches_nobody():
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    inside = {name for name, network in COMPOSE["networks"].items() if network.get("internal")}
    for name in ("db", "redis", "migrate", "web"):
        assert set(SERVICES[name]["networks"]) <= inside, name
    assert "back" not in SERVICES["proxy"]["networks"]
    for name in ("worker", "scheduler"):
        assert set(SERVICES[name]["networks"]) - inside, f"{name} speaks to the platforms"
    used = {network for service in SERVICES.values() for network in service["networks"]}
    assert used == set(COMPOSE["networks"])
    assert {
        v.split(":")[0] for s in SERVICES.values() for v in s.get("volumes", []) if v[0] not in ".$"
    } == set(COMPOSE["volumes"])


def test_the_proxy_alone_is_believed_about_where_a_visitor_comes_from():
    trusted = SERVICES["web"]["environment"]["SMMP_TRUSTED_PROXIES"]
    front = COMPOSE["networks"]["front"]["ipam"]["config"][0]["subnet"]
    assert ipaddress.ip_network(trusted) == ipaddress.ip_network(front)
    assert {name for name, service in SERVICES.items() if "front" in service["networks"]} == {"proxy", "web"}


def test_every_variable_is_one_that_the_platform_reads():
    known = settings_names() | {"DJANGO_SETTINGS_MODULE"}
    for name in OURS:
        for key in SERVICES[name]["environment"]:
            assert key.removesuffix("_FILE") in known, f"{name} sets {key}, which nothing reads"


def test_every_mounted_file_is_there():
    for service in SERVICES.values():
        for mount in service.get("volumes", []):
            if mount.startswith("./"):
                # What make-secrets.sh makes is there later.
                made_later = mount.startswith("./deploy/secrets/")
                assert made_later or (BASE / mount.split(":")[0]).is_file(), mount
                assert mount.endswith(":ro")


@pytest.mark.parametrize("script", ["db-init.sh", "make-secrets.sh", "collect-static.sh"])
def test_the_scripts_are_sound(script):
    assert subprocess.run(["sh", "-n", str(BASE / "deploy" / script)]).returncode == 0


def test_the_image_runs_as_an_ordinary_user_and_installs_by_hash():
    words = (BASE / "Dockerfile").read_text()
    last = words.rpartition("FROM ")[2]
    assert re.search(r"^USER 10001:10001$", last, re.M)
    assert "--require-hashes" in words
    assert "--only-binary :all:" in words
    assert 'CMD ["python", "manage.py", "serve", "web"]' in last
    ignored = (BASE / ".dockerignore").read_text().split()
    assert {".git", "var", "tests", ".venv"} <= set(ignored)


def test_the_guide_names_every_variable_that_the_platform_reads():
    guide = (BASE / "docs" / "operations.md").read_text()
    assert [name for name in sorted(settings_names()) if f"`{name}`" not in guide] == []
    rows = re.findall(r"^\| `([A-Z_]+)`", guide, re.M)
    assert sorted(set(rows) - settings_names()) == []
    assert len(rows) == len(set(rows))
