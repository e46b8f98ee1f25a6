"""`make setup` installs a lock file as it stands, so the lock must be whole."""

from __future__ import annotations

import functools
import re
import subprocess
import sys
from importlib import metadata

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from smmp.local.places import BASE_DIR


def locked(name: str) -> dict[str, str]:
    """The packages of a lock file with their versions."""
    found = re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", (BASE_DIR / name).read_text(), re.MULTILINE)
    return {canonicalize_name(package): version for package, version in found}


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_names_whatever_its_packages_ask_for(name):
    # setup.py installs with --no-deps: what the lock leaves out would be missing at run time.
    lock = locked(name)
    asked = [(package, extra) for package in lock for extra in ("", *_extras_asked(lock, package))]
    missing = set()
    for package, extra in asked:
        for requirement in _requirements(package):
            applies = requirement.marker is None or requirement.marker.evaluate({"extra": extra})
            version = lock.get(canonicalize_name(requirement.name))
            if applies and (version is None or not requirement.specifier.contains(version, True)):
                missing.add(f"{package} needs {requirement}")
    assert missing == set()


@functools.cache
def _requirements(package: str) -> list[Requirement]:
    try:
        return [Requirement(line) for line in metadata.requires(package) or []]
    except metadata.PackageNotFoundError:
        return []  # locked for another operating system


def _extras_asked(lock: dict[str, str], package: str) -> set[str]:
    """Extras of `package` that other locked packages ask for, without a condition of their own."""
    return {
        extra
        for other in lock
        for requirement in _requirements(other)
        if canonicalize_name(requirement.name) == package
        and (requirement.marker is None or requirement.marker.evaluate({"extra": ""}))
        for extra in requirement.extras
    }


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock", "requirements-judges.lock"])
def test_a_lock_pins_with_hashes_and_names_no_address(name):
    text = (BASE_DIR / name).read_text()
    assert "://" not in text
    blocks = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)
    assert all("--hash=sha256:" in block for block in blocks if block.strip())


def test_a_python_without_the_packages_says_which_one_to_take():
    # -S leaves out the installed packages, as the system's own Python would.
    result = subprocess.run(
        [sys.executable, "-S", "manage.py", "check"], cwd=BASE_DIR, capture_output=True, text=True, timeout=60
    )
    assert result.returncode == 2
    assert "make setup" in result.stderr
    assert "Traceback" not in result.stderr
