"""What is wrong with the input is said, with exit code 2, before anything runs."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from ovopsim import comparison
from ovopsim.errors import InputError
from ovopsim.policy.files import load_scenarios
from tests.cli.calling import HEAD, PAIR, Call, Result

WRONG = {
    "broken": "name: [\n",
    "bugdet": "programme: {bugdet: 5, shares: {exhibition: 1.0}}\n",
    "shares": "programme: {budget: 5, shares: {exhibition: 0.5, certification: 0.8}}\n",
    "lever": "programme: {budget: 5, shares: {exhibtion: 1}}\n",
    "key": "moths: 12\n",
    "longer": "months: 24\n",
    "word": "months: many\n",
    "list": "- months: 12\n",
}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("compare", "missing.yaml"), "missing.yaml: there is no such file."),
        (("run", "missing.yaml"), "missing.yaml: there is no such file."),
        (("run", "folder"), "folder: is a folder; name a .yaml file"),
        (("compare", "broken.yaml"), "broken.yaml, line 2: this is not YAML"),
        (
            ("compare", "nothing.yaml", "bugdet.yaml"),
            "bugdet.yaml: programme: 'bugdet' is no key; did you mean 'budget'?",
        ),
        (("run", "shares.yaml"), "shares.yaml: programme: shares add up to 1.30, not 1."),
        (("run", "lever.yaml"), "lever.yaml: programme: 'exhibtion' is no lever; did you mean 'exhibition'?"),
        (("run", "key.yaml"), "key.yaml: 'moths' is no key; did you mean 'months'?"),
        (("run", "word.yaml"), "word.yaml: months is 'many'"),
        (("run", "list.yaml"), "list.yaml: holds a list, not 'key: value' lines."),
        (
            ("compare", "nothing.yaml", "nothing.yaml"),
            "nothing.yaml: name: 'nothing' is also the name of nothing.yaml.",
        ),
        (("compare", "nothing.yaml", "longer.yaml"), "months differs: 'nothing' 12, 'longer' 24."),
        (("compare", *PAIR[:2], "--replications", "1"), "replications: is 1; an interval needs at least 2."),
        (("run", "nothing.yaml", "--replications", "0"), "replications: is 0; give at least 1."),
        (("baseline", "--replications", "0"), "replications: is 0; give at least 1."),
        (("compare", *PAIR[:2], "--seed", "-1"), "seed: is -1; give 0 or more."),
        (("compare", *PAIR[:2], "--n-jobs", "0"), "n_jobs: is 0"),
        (("compare", *PAIR[:2], "--discount-rate", "5"), "discount_rate: is 5; it must lie in 0 to 0.3 (per year)."),
        (("compare", *PAIR[:2], "--keep-month", "12"), "keep_months: 12 is no month of a run; they go from 0 to 11."),
        (("compare", *PAIR[:2], "--replications", "many"), "--replications"),
        (("compare", "--language", "fr"), "language: 'fr' is none of en, id"),
        (("--language", "fr", "levers"), "language: 'fr' is none of en, id"),
        (("compare", "--out", "folder"), "folder: the folder holds something else; name a new or empty folder."),
        (("run", "nothing.yaml", "--out", "key.yaml"), "key.yaml: is a file; name a folder."),
        (("run",), "Missing argument"),
        (("compar",), "No such command 'compar'."),
        (("compare", "--replication", "5"), "No such option: --replication"),
        (("parameters", "planing.cover"), "'planing.cover' is no parameter; did you mean 'planning.cover'?"),
    ],
)
def test_what_is_wrong_with_the_input_is_said_and_nothing_runs(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], message: str
) -> None:
    for name, text in WRONG.items():
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "thesis.doc").write_text("dear", encoding="utf-8")
    monkeypatch.setattr(comparison, "run_arms", lambda *_: pytest.fail("it ran"))
    found = call(*arguments)
    assert found.code == 2
    assert message in found.err
    assert found.err.count("\n") == 1
    assert found.out == ""


def test_text_that_is_not_utf_8_is_refused(call: Call, tmp_path: Path) -> None:
    (tmp_path / "latin.yaml").write_bytes("name: Rp ½".encode("latin-1"))
    assert call("run", "latin.yaml") == Result(2, "", "latin.yaml: is not a text file in UTF-8. Save it as UTF-8.\n")


def test_a_folder_that_cannot_be_made_is_refused_before_the_work(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_only(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(comparison, "run_arms", lambda *_: pytest.fail("it ran"))
    monkeypatch.setattr(Path, "mkdir", read_only)
    found = call("compare", *PAIR, "--out", str(tmp_path / "results"))
    assert found.code == 2
    assert "cannot be written (Read-only file system); name another folder." in found.err


def test_scenarios_of_one_name_are_not_lost(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "plan.yaml").write_text(HEAD, encoding="utf-8")
    paths = [tmp_path / folder / "plan.yaml" for folder in ("a", "b")]
    with pytest.raises(InputError, match=r"b.plan.yaml: name: 'plan' is also the name of .*a.plan.yaml"):
        load_scenarios(paths)
    paths[1].write_text(f"name: Another\n{HEAD}", encoding="utf-8")
    assert list(load_scenarios(paths)) == ["plan", "Another"]
