"""Make .venv (or SMMP_VENV) and install exactly what a lock file names. Runs on the Python that the person has.

Safe to repeat: nothing happens while the lock is unchanged. Only the standard library.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

BASE = Path(__file__).resolve().parents[1]
VENV = BASE / os.environ.get("SMMP_VENV", ".venv")
LEAST = (3, 11)
# Published as pure Python source without a wheel; everything else is installed from wheels alone, so that
# no compiler is needed.
SOURCE_ONLY = ("docopt",)


def refuse(sentence):
    print(sentence, file=sys.stderr)
    sys.exit(2)


def main():
    lock = BASE / sys.argv[1]
    if sys.version_info < LEAST:
        refuse(
            "Python %d.%d or newer is needed; this is %s. Name a newer one: make run PYTHON=python3.12"
            % (LEAST + (sys.version.split()[0],))
        )
    python = VENV / "bin" / "python"
    stamp = VENV / ("." + lock.name + ".installed")
    wanted = hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()
    if python.exists() and stamp.exists() and stamp.read_text() == wanted:
        return
    try:
        if not python.exists():
            print("Making %s ..." % VENV.name, flush=True)
            make_venv()
        print("Installing what %s names ..." % lock.name, flush=True)
        install(python, lock)
        stamp.write_text(wanted)
    except OSError as error:
        refuse(
            "%s could not be written (%s). Make room or make the folder writable." % (VENV, error.strerror)
        )
    except subprocess.CalledProcessError as error:
        refuse(
            "Installing failed; the lines above say why. Try again when it is mended (exit %d)."
            % error.returncode
        )


def make_venv():
    try:
        import ensurepip  # noqa: F401
        import venv
    except ImportError:
        if shutil.which("uv"):
            subprocess.run(["uv", "venv", "-q", "--python", sys.executable, str(VENV)], check=True)
            return
        refuse("This Python has no venv module. Install it (Debian: apt install python3-venv) and try again.")
    venv.EnvBuilder(with_pip=True, clear=False).create(VENV)


def install(python, lock):
    """Install the lock and nothing beside it: it is complete, so nothing is resolved again.

    Older pips (23.0, Debian 12) would resolve, and then refuse `pydantic[email]`, which a package asks
    for, because the lock pins `pydantic`. Nothing is compiled beforehand: Python compiles and keeps
    what is imported.
    """
    environment = dict(os.environ, PIP_DISABLE_PIP_VERSION_CHECK="1")
    if shutil.which("uv"):
        command = ["uv", "pip", "install", "-q", "--python", str(python)]
        command += ["--no-deps", "--require-hashes", "-r", str(lock)]
        if subprocess.run(command, env=environment).returncode == 0:
            return
    command = [
        str(python),
        "-m",
        "pip",
        "install",
        "-qq",
        "--no-compile",
        "--no-deps",
        "--require-hashes",
        "--only-binary",
        ":all:",
        "--no-binary",
        ",".join(SOURCE_ONLY),
        "-r",
        str(lock),
    ]
    subprocess.run(command, env=environment, check=True)


if __name__ == "__main__":
    main()
