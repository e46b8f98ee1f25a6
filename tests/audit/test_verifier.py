"""The verifier by itself: trees, notes and every kind of falsification, without a database."""

from __future__ import annotations

import base64
import json
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from audit import verifier
from audit.seal import drill, keys
from audit.verifier import (
    EMPTY,
    Checkpoint,
    Frontier,
    Gathered,
    Key,
    Segment,
    checkpoint_text,
    compact,
    consistency_ranges,
    inclusion_path,
    is_consistent,
    leaf,
    node,
    path_ranges,
    range_root,
    root_by_path,
    tree_root,
    verify,
    written,
)

QUIET = settings(deadline=None, suppress_health_check=list(HealthCheck))
NAME = "wealdshire.example/audit"
SIGNER = keys.signer(NAME, Ed25519PrivateKey.from_private_bytes(b"1" * 32))
BEGAN = datetime(2026, 11, 28, 9, tzinfo=UTC)


def leaves_of(count: int) -> list[bytes]:
    return [leaf(str(number).encode()) for number in range(count)]


def plainly(leaves: list[bytes]) -> bytes:
    """MTH as RFC 6962 section 2.1 writes it down."""
    if not leaves:
        return EMPTY
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return node(plainly(leaves[:half]), plainly(leaves[half:]))


# Trees


def test_known_answers():
    """The test vectors of RFC 6962 implementations: the empty tree and the tree of one empty leaf."""
    assert EMPTY.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert leaf(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    first, second = leaf(b""), leaf(b"\x00")
    assert (
        tree_root([first, second]).hex() == "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
    )


@QUIET
@given(st.integers(0, 130))
def test_every_way_to_the_root_agrees(count):
    leaves = leaves_of(count)
    grown = Frontier()
    for found in leaves:
        grown.append(found)
    assert tree_root(leaves) == grown.root() == plainly(leaves)


@QUIET
@given(st.integers(1, 130), st.data())
def test_every_leaf_has_a_path_and_no_other_leaf_has_it(count, data):
    leaves = leaves_of(count)
    index = data.draw(st.integers(0, count - 1))
    path = inclusion_path(leaves, index)
    assert root_by_path(index, count, leaves[index], path) == tree_root(leaves)
    assert [range_root_of(leaves, *span) for span in path_ranges(index, 0, count)] == path
    other = data.draw(st.integers(0, count - 1).filter(lambda at: at != index)) if count > 1 else None
    if other is not None:
        assert root_by_path(index, count, leaves[other], path) != tree_root(leaves)
    for spoilt in (path[:-1], [*path, EMPTY]) if path else ([EMPTY],):
        with pytest.raises(ValueError):
            root_by_path(index, count, leaves[index], spoilt)


def range_root_of(leaves, low, high):
    return range_root(
        lambda level, index: tree_root(leaves[index << level : (index + 1) << level]), low, high
    )


@QUIET
@given(st.integers(1, 130), st.data())
def test_a_tree_that_grew_proves_it_and_one_that_changed_cannot(new, data):
    old = data.draw(st.integers(1, new))
    leaves = leaves_of(new)
    gathered = Gathered(consistency_ranges(old, new), Frontier())
    for number, found in enumerate(leaves):
        gathered.pass_by(number, found)
    proof = gathered.roots()
    old_root, new_root = tree_root(leaves[:old]), tree_root(leaves)
    assert is_consistent(old, new, old_root, new_root, proof)
    changed = data.draw(st.integers(0, old - 1))
    other = [*leaves[:changed], leaf(b"x"), *leaves[changed + 1 :]]
    assert not is_consistent(old, new, tree_root(other[:old]), new_root, proof)
    assert not is_consistent(old, new, old_root, tree_root(other), proof)
    assert not is_consistent(old, new, old_root, new_root, [*proof, EMPTY])
    if proof:
        assert not is_consistent(old, new, old_root, new_root, proof[:-1])


@QUIET
@given(st.integers(0, 60), st.integers(1, 60), st.data())
def test_an_export_from_the_middle_still_proves_what_it_covers(start, more, data):
    leaves = leaves_of(start + more)
    begun = Frontier()
    for found in leaves[:start]:
        begun.append(found)
    index = data.draw(st.integers(start, start + more - 1))
    gathered = Gathered(path_ranges(index, 0, start + more), begun)
    for number in range(start, start + more):
        gathered.pass_by(number, leaves[number])
    assert gathered.roots() == inclusion_path(leaves, index)


# Keys and notes


def note(text: str, *signers) -> str:
    return text + "\n" + "".join(signer.line(text) for signer in signers)


def test_a_key_reads_back_and_a_spoilt_one_does_not():
    assert Key.read(SIGNER.key.text + "\n") == SIGNER.key
    for spoilt in (
        "",
        "a",
        "a+b+c",
        SIGNER.key.text[:-1],
        SIGNER.key.text.replace(NAME, "other"),
        "é" + SIGNER.key.text,
    ):
        with pytest.raises(ValueError):
            Key.read(spoilt)


def test_a_checkpoint_reads_back_and_every_spoilt_letter_is_refused():
    text = checkpoint_text(origin=NAME, size=7, head=b"h" * 32, entries=3, sealed_at=written(BEGAN))
    whole = note(text, SIGNER)
    read = Checkpoint.read(whole)
    assert (read.origin, read.size, read.root) == (NAME, 7, b"h" * 32)
    assert SIGNER.key.signed(read)
    for at in range(len(whole)):
        spoilt = whole[:at] + ("x" if whole[at] != "x" else "y") + whole[at + 1 :]
        try:
            found = Checkpoint.read(spoilt)
        except ValueError:
            continue
        assert not SIGNER.key.signed(found), spoilt


def test_the_signature_is_one_that_any_ed25519_library_would_make():
    text = checkpoint_text(origin=NAME, size=1, head=b"h" * 32, entries=0, sealed_at=written(BEGAN))
    line = SIGNER.line(text)
    raw = base64.b64decode(line.split(" ")[2])
    assert (raw[:4], raw[4:]) == (SIGNER.key.id, SIGNER.private.sign(text.encode()))
    assert line.startswith(f"— {NAME} ")


# A trail in memory


def trail(counts, *, signer=SIGNER, seed=0, start=None, gap=timedelta(seconds=20)):
    """A sealed trail as an export would hold it: so many entries in each segment."""
    chance = random.Random(seed)
    tree, first, number = Frontier(), 0, 1
    sealed = []
    at = BEGAN
    for index, count in enumerate(counts):
        at += gap
        entries = []
        for _ in range(count):
            content = {
                "at": written(at)[:-1],
                "id": number,
                "event": "comment.viewed",
                "reason": "",
                "details": {"n": chance.randrange(100)},
                "shown_ids": [chance.randrange(1000)],
                "actor_name": "Amira Hussain “é”",
            }
            entries.append((2, compact(content).encode()))
            number += 1
        leaves = [leaf(b"\x02" + content) for _, content in entries]
        segment = Segment(index, first, count, tree_root(leaves), tree.root(), b"", written(at))
        tree.append(segment.leaf)
        segment = replace(segment, head=tree.root())
        text = checkpoint_text(
            origin=NAME, size=index + 1, head=tree.root(), entries=segment.entries, sealed_at=written(at)
        )
        sealed.append(drill.Sealed(segment, leaves, entries, note(text, signer)))
        first = segment.entries
    manifest = {
        "format": verifier.FORMAT,
        "origin": NAME,
        "first_position": 0,
        "frontier": {"size": 0, "hashes": []},
        "anchor": None,
        "until": None,
        "made_at": written(at + timedelta(seconds=60)),
    }
    made = drill.Copy(manifest, [{"key": signer.key.text, "from_segment": 0, "introduced_by": None}], sealed)
    made.renumber()
    return made


def check(copy, **given):
    return verify(copy, trusted=[SIGNER.key], **given)


def test_a_whole_trail_passes():
    report = check(trail([3, 0, 5, 1]))
    assert report.passed
    assert (report.entries, report.segments, report.longest_silence_s, report.silences) == (9, 4, 20.0, 0)


def test_the_first_wrong_entry_is_named():
    copy = trail([3, 0, 5, 1])
    version, content = copy.sealed[2].entries[1]
    copy.sealed[2].entries[1] = (version, content.replace(b"Amira", b"Anita"))
    wrong = check(copy).wrong
    assert (wrong["kind"], wrong["position"], wrong["entry"], wrong["segment"]) == ("changed", 4, 5, 2)


def test_a_missing_an_added_and_a_moved_entry_are_named_by_position():
    gone = trail([3, 5])
    del gone.sealed[1].entries[2]
    del gone.numbers[5]
    assert (check(gone).wrong["kind"], check(gone).wrong["position"]) == ("moved", 5)
    added = trail([3, 5])
    added.sealed[1].entries.append((2, b'{"at": "2026", "id": 99}'))
    added.renumber()
    assert (check(added).wrong["kind"], check(added).wrong["entry"]) == ("inserted", 99)
    moved = trail([3, 5])
    one, other = moved.sealed[0].entries, moved.sealed[1].entries
    one[0], other[0] = other[0], one[0]
    moved.renumber()
    assert check(moved).wrong["position"] == 0


def test_a_cut_at_the_end_shows_against_a_checkpoint_kept_elsewhere():
    copy = trail([3, 0, 5, 1])
    kept = [one.note for one in copy.sealed]
    assert check(copy, kept=kept).checkpoints_compared == 4
    cut = replace(copy, sealed=copy.sealed[:2])
    assert check(cut).passed
    wrong = check(cut, kept=kept).wrong
    assert (wrong["kind"], wrong["segment"]) == ("tail", 2)
    cut.base = copy.base | {"made_at": written(BEGAN + timedelta(seconds=45))}
    early = check(cut, kept=kept)
    assert (early.passed, early.checkpoints_later) == (True, 2)


def test_a_trail_written_anew_shows_against_a_checkpoint_kept_elsewhere():
    assert check(trail([3, 2], seed=1), kept=[trail([3, 2], seed=2).sealed[0].note]).wrong["kind"] == "fork"
    stranger = keys.signer(NAME, Ed25519PrivateKey.generate())
    forged = trail([3, 2], seed=2, signer=stranger)
    assert check(trail([3, 2], seed=1), kept=[forged.sealed[0].note]).wrong["kind"] == "signature"


def test_entries_that_are_gone_without_a_disposal_are_missing():
    copy = trail([3, 2])
    copy.segments = lambda: (
        given | {"leaves": None} if given["number"] == 0 else given for given in drill.Copy.segments(copy)
    )
    assert check(copy).wrong["kind"] == "missing"


def test_withheld_entries_are_counted_and_prove_nothing_else():
    copy = trail([3])
    lines = list(copy.entries())
    lines[1] = b'{"position": 1, "withheld": true}\n'
    copy.entries = lambda: iter(lines)
    report = check(copy)
    assert (report.passed, report.entries, report.withheld) == (True, 2, 1)


@QUIET
@given(
    st.lists(st.integers(0, 6), min_size=1, max_size=7).filter(lambda counts: sum(counts) > 1),
    st.sampled_from(drill.KINDS),
    st.sampled_from(drill.COVERS),
    st.integers(0, 2**32),
)
@example([1, 1], "reordering", drill.COVERS[0], 1)
def test_no_falsification_passes(counts, kind, cover, seed):
    copy = trail(counts)
    if kind == "tail cut" and len(copy.sealed) < 2:
        return
    forged = drill.Forger(random.Random(seed), copy).falsify(kind, cover)
    assert not check(forged, kept=[copy.sealed[-1].note]).passed


@QUIET
@given(st.data())
def test_no_spoilt_byte_of_an_export_passes(tmp_path_factory, data):
    """Any byte of any file with evidence in it, changed, taken out or doubled."""
    folder = tmp_path_factory.mktemp("export")
    copy = trail([2, 0, 3])
    save(copy, folder)
    name = data.draw(st.sampled_from(["entries.jsonl", "segments.jsonl", "checkpoints.jsonl"]))
    raw = (folder / name).read_bytes()
    at = data.draw(st.integers(0, len(raw) - 1))
    how = data.draw(st.sampled_from(["changed", "taken", "doubled"]))
    if how == "changed":
        spoilt = raw[:at] + bytes([raw[at] ^ data.draw(st.integers(1, 255))]) + raw[at + 1 :]
    elif how == "taken":
        spoilt = raw[:at] + raw[at + 1 :]
    else:
        spoilt = raw[:at] + raw[at : at + 1] + raw[at:]
    (folder / name).write_bytes(spoilt)
    report = verify(verifier.Export(folder), trusted=[SIGNER.key], kept=[copy.sealed[-1].note])
    assert not report.passed


def save(copy, folder):
    """The copy as files."""
    (folder / "manifest.json").write_text(json.dumps(copy.manifest()))
    (folder / "keys.json").write_text(json.dumps(copy.keys()))
    (folder / "entries.jsonl").write_bytes(b"".join(copy.entries()))
    (folder / "disposals.jsonl").write_text("")
    segments = list(copy.segments())
    lines = [{k: v for k, v in found.items() if k != "checkpoint"} for found in segments]
    (folder / "segments.jsonl").write_text("".join(compact(line) + "\n" for line in lines))
    (folder / "checkpoints.jsonl").write_text(
        "".join(
            compact({"segment": found["number"], "checkpoint": found["checkpoint"]}) + "\n"
            for found in segments
        )
    )


# The command


def test_the_command_says_pass_or_names_the_entry(tmp_path, capsys):
    copy = trail([2, 0, 3])
    save(copy, tmp_path)
    key = tmp_path / "key"
    key.write_text(SIGNER.key.text)
    assert verifier.main([str(tmp_path), "--key", str(key)]) == 0
    assert "PASS: 5 entries in 3 segments" in capsys.readouterr().out
    assert verifier.main([str(tmp_path)]) == 0
    assert "the export's own word" in capsys.readouterr().out
    assert verifier.main([str(tmp_path), "--inclusion", "4", "--json"]) == 0
    proof = json.loads(capsys.readouterr().out)["proofs"]["inclusion"]
    (tmp_path / "proof.json").write_text(json.dumps(proof | {"keys": copy.keys()}))
    assert verifier.main(["--proof", str(tmp_path / "proof.json"), "--key", SIGNER.key.text]) == 0
    assert "entry 4 stands at position 3" in capsys.readouterr().out
    (tmp_path / "proof.json").write_text(json.dumps(proof | {"keys": copy.keys(), "position": 2}))
    assert verifier.main(["--proof", str(tmp_path / "proof.json")]) == 1
    (tmp_path / "deep.json").write_text("[" * 200_000)
    assert verifier.main(["--proof", str(tmp_path / "deep.json")]) == 1
    assert verifier.main([str(tmp_path), "--inclusion", "77"]) == 1
    assert "not in this export" in capsys.readouterr().out
    for name, one in (("old", 0), ("new", 2)):
        (tmp_path / name).write_text(copy.sealed[one].note)
    both = ["--consistency", str(tmp_path / "old"), str(tmp_path / "new")]
    assert verifier.main([str(tmp_path), *both, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["proofs"]["consistency"]["new_size"] == 3
    assert verifier.main([str(tmp_path), both[0], both[2], both[1]]) == 1
    assert "the older checkpoint first" in capsys.readouterr().out
    text = (tmp_path / "entries.jsonl").read_text()
    (tmp_path / "entries.jsonl").write_text(text.replace('"id": 4', '"id": 7'))
    assert verifier.main([str(tmp_path), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["wrong"]["position"] == 3
    assert verifier.main([str(tmp_path / "nowhere")]) == 2


def test_the_verifier_needs_nothing_of_the_platform(tmp_path):
    """Run by a Python that sees neither Django nor our rooms."""
    import shutil
    import subprocess
    import sys

    save(trail([2, 1]), tmp_path)
    shutil.copy(verifier.__file__, tmp_path / "verifier.py")
    blocked = (
        "import sys\nfor name in ('django', 'psycopg2', 'audit', 'core', 'smmp'): sys.modules[name] = None\n"
    )
    run = "import runpy; sys.argv = ['verifier.py', '.']; runpy.run_path('verifier.py', run_name='__main__')"
    done = subprocess.run([sys.executable, "-c", blocked + run], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("PASS: 3 entries")


@pytest.mark.parametrize(
    "broken", ["{}", "[]", "null", '{"format": "x"}', "\x00", '{"format": "smmp-audit-export/1"}']
)
def test_nonsense_is_answered_and_not_thrown(tmp_path, broken):
    save(trail([2, 1]), tmp_path)
    (tmp_path / "manifest.json").write_text(broken)
    assert verifier.main([str(tmp_path)]) == 1


def test_the_drill_finds_every_falsification_and_says_how_long_a_cut_can_hide():
    outcome = drill.run(trail([3, 0, 5, 1, 2]), edits=200, seed=7)
    assert outcome.passed
    assert sum(outcome.found.values()) == 200 == sum(outcome.attempts.values())
    assert outcome.unseen_at_most_s == 20.0
    assert set(outcome.attempts) == set(drill.KINDS)
    with pytest.raises(ValueError, match="too short"):
        drill.run(trail([1, 1]), edits=1, seed=7)


def test_the_drill_can_miss():
    """A verifier that believes the export's own key would let the forger's own signature pass."""
    copy = trail([3, 0, 5, 1, 2])
    forged = drill.Forger(random.Random(1), copy).falsify("edit", drill.COVERS[3])
    assert verify(forged).passed
    assert not check(forged).passed
