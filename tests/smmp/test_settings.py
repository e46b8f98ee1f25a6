"""Production refuses what belongs to a demonstration, by name."""

from __future__ import annotations

import os

import pytest

from tests.smmp.door import Door

GOOD = {
    "PATH": os.environ["PATH"],
    "DJANGO_SETTINGS_MODULE": "smmp.settings.production",
    "SMMP_SECRET_KEY": "k" * 64,
    "SMMP_CREDENTIAL_KEYS": "b2ZmaWNpYWwtYWNjb3VudHMtdGVzdC1rZXktMDAwMDE=",
    "SMMP_DEVICE_CLASSES": "off",
    "SMMP_SEAL_SIGNERS": "/none",
    "SMMP_HOSTS": "smmp.wealdshire.example",
    "SMMP_ADDRESS": "https://smmp.wealdshire.example",
    "DATABASE_URL": "postgresql://app@db/smmp",
    "DATABASE_OWNER_URL": "postgresql://owner@db/smmp",
    "REDIS_URL": "redis://redis:6379/0",
}


@pytest.fixture(scope="module")
def start():
    """Starts production with what is changed in a good environment; None leaves a variable out."""
    with Door() as door:

        def begin(command: str = "diffsettings", **changes: str | None):
            environment = {k: v for k, v in {**GOOD, **changes}.items() if v is not None}
            return door.run(environment, command)

        yield begin


def test_production_starts_with_everything_in_place(start):
    result = start()
    assert result.returncode == 0, result.stderr
    assert "DEMO = False" in result.stdout


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"SMMP_DEMO": "on"}, "SMMP_DEMO is on"),
        ({"SMMP_SECRET_KEY": None}, "SMMP_SECRET_KEY is missing"),
        ({"SMMP_SECRET_KEY": "short"}, "shorter than 50"),
        ({"SMMP_CREDENTIAL_KEYS": None}, "SMMP_CREDENTIAL_KEYS is empty"),
        ({"SMMP_PASSKEY_FOR_ADMINISTRATORS": "off"}, "an administrator needs a passkey"),
        ({"REDIS_URL": None}, "REDIS_URL is not set"),
        ({"SMMP_EMBEDDED": "on"}, "The embedded database is for demonstration"),
        ({"SMMP_SEAL_SIGNERS": None}, "SMMP_SEAL_SIGNERS is not set"),
        ({"SMMP_SEAL_SYSLOG": "syslog.example"}, "SMMP_SEAL_SYSLOG is no address: write tls://HOST"),
        ({"SMMP_SEAL_HTTPS": "http://seal.example/"}, "SMMP_SEAL_HTTPS must begin with https://"),
        ({"SMMP_DEVICE_CLASSES": None}, "SMMP_DEVICE_CLASSES is not set"),
        ({"SMMP_DEVICE_CLASSES": "on"}, "names no proxy whose word on certificates counts"),
        ({"SMMP_HOSTS": None}, "SMMP_HOSTS is not set"),
        ({"SMMP_ADDRESS": None}, "SMMP_ADDRESS is not set"),
        ({"SMMP_ADDRESS": "smmp.wealdshire.example"}, "SMMP_ADDRESS is 'smmp.wealdshire.example'"),
        ({"SMMP_BLUESKY_ADDRESS": "https://bsky.example:port"}, "it must be an address such as"),
        ({"SMMP_TRUSTED_PROXIES": "10.0.0.1, proxy"}, "SMMP_TRUSTED_PROXIES holds 'proxy'"),
        ({"SMMP_TRUSTED_PROXIES": "10.0.0.1/8"}, "must be a network"),
        ({"SMMP_FORCE_NETWORKS": "office"}, "SMMP_FORCE_NETWORKS holds"),
        ({"REDIS_URL": "redis.wealdshire.example"}, "REDIS_URL must be redis://HOST:PORT"),
        ({"DATABASE_URL": "postgresql://[::1/smmp"}, "DATABASE_URL is no address"),
        ({"DATABASE_URL": "postgresql://db:port/smmp"}, "a port that is not a number"),
    ],
)
def test_production_refuses_in_a_sentence(start, changes, words):
    result = start(**changes)
    assert result.returncode == 2
    assert words in result.stderr
    assert "Traceback" not in result.stderr


def test_an_embedded_database_is_taken_when_told_so_by_name(start):
    assert start(SMMP_EMBEDDED="on", SMMP_ALLOW_EMBEDDED_DATABASE="on").returncode == 0


def test_a_wrong_sealing_key_is_named_by_its_place_and_never_repeated(start):
    wrong = start(SMMP_CREDENTIAL_KEYS=f"{GOOD['SMMP_CREDENTIAL_KEYS']},not-a-key")
    assert wrong.returncode == 2
    assert "SMMP_CREDENTIAL_KEYS: key 2 of 2" in wrong.stderr
    assert "not-a-key" not in wrong.stderr


def test_a_secret_may_come_from_a_file(start, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("f" * 64 + "\n")
    assert start(SMMP_SECRET_KEY=None, SMMP_SECRET_KEY_FILE=str(secret)).returncode == 0
    missing = start(SMMP_SECRET_KEY=None, SMMP_SECRET_KEY_FILE=str(tmp_path / "gone"))
    assert missing.returncode == 2
    assert "SMMP_SECRET_KEY_FILE points at" in missing.stderr
    secret.write_bytes(b"\xff" * 64)
    garbled = start(SMMP_SECRET_KEY=None, SMMP_SECRET_KEY_FILE=str(secret))
    assert garbled.returncode == 2
    assert "is not UTF-8 text" in garbled.stderr


def test_a_scheduler_without_a_key_for_the_seal_refuses_in_a_sentence(start, tmp_path):
    done = start("scheduler", SMMP_SEAL_SIGNERS=str(tmp_path))
    assert done.returncode == 2
    assert "holds no key that could seal the audit trail" in done.stderr
    assert "Traceback" not in done.stderr
