"""YAML files: what is tolerated, and what is an error that names its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from ovopsim.errors import InputError
from ovopsim.parameters.yaml_files import read_yaml


def written(folder: Path, text: str) -> Path:
    file = folder / "file.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_numbers_with_underscores_are_numbers(tmp_path: Path) -> None:
    assert read_yaml(written(tmp_path, "budget: 500_000_000")) == {"budget": 500_000_000}


def test_an_empty_file_is_an_empty_mapping(tmp_path: Path) -> None:
    assert read_yaml(written(tmp_path, "# nothing yet\n")) == {}


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    file = tmp_path / "file.yaml"
    file.write_bytes(b"\xef\xbb\xbfname: fairs\r\n")
    assert read_yaml(file) == {"name": "fairs"}


def test_merged_mappings_may_be_overridden(tmp_path: Path) -> None:
    text = "a: &plain {x: 1, y: 2}\nb: {<<: *plain, y: 3}"
    assert read_yaml(written(tmp_path, text))["b"] == {"x": 1, "y": 3}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name: x\nmonths: 5\nname: y", ", line 3: 'name' is given twice."),
        ("programme: {budget: 1, budget: 2}", ", line 1: 'budget' is given twice."),
        ("name: x\nshocks: [pandemic\nmonths: 5", ", line 3: this is not YAML:"),
        ("- pandemic", ": holds a list, not 'key: value' lines."),
        ("pandemic", ": holds a str, not 'key: value' lines."),
        ("2016: x", ": key 2016 is no word."),
        ("[a, b]: x", ", line 1: a key must be a word or a number."),
        ("name: !!python/object:os.system x", ", line 1: this is not YAML: could not determine a constructor"),
        ("name: \x07", ": this is not YAML: special characters are not allowed."),
    ],
)
def test_what_is_wrong_is_said_with_file_and_line(tmp_path: Path, text: str, message: str) -> None:
    file = written(tmp_path, text)
    with pytest.raises(InputError) as caught:
        read_yaml(file)
    assert str(caught.value).startswith(f"{file}{message}")


def test_a_missing_file_a_folder_and_other_encodings_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere\.yaml: there is no such file\."):
        read_yaml(tmp_path / "nowhere.yaml")
    with pytest.raises(InputError, match=r"is a folder; name a \.yaml file\."):
        read_yaml(tmp_path)
    file = tmp_path / "file.yaml"
    file.write_bytes("name: caf\u00e9".encode("latin-1"))
    with pytest.raises(InputError, match="UTF-8"):
        read_yaml(file)
