"""Tables are read as they are; what is wrong with one is named by file, row and column."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

from seqprobe.checks import InvalidValue
from seqprobe.tasks.tables.layout import Layout
from seqprobe.tasks.tables.sequences import SequenceTable, load_sequences

LAYOUT = Layout("id", "t", ("x",), ("z",))
SPLIT = Layout("id", "t", ("x",), ("z",), split="part")
HEADER = "id,t,x,z\n"
CONSTANT = "must be constant within a sequence, but changes in sequence"


def load(folder: Path, text: str, layout: Layout = LAYOUT, name: str = "table.csv") -> SequenceTable:
    (folder / name).write_text(text)
    return load_sequences(folder / name, layout)


def problem(folder: Path, text: str, layout: Layout = LAYOUT) -> str:
    """What is said of a file, without its folder."""
    with pytest.raises(InvalidValue) as raised:
        load(folder, text, layout)
    return str(raised.value).replace(f"{folder}/", "")


def test_rows_are_ordered_by_sequence_and_step(tmp_path: Path) -> None:
    table = load(tmp_path, HEADER + "b,1,2.5,20\na,0,3.5,30\nb,0,1.5,10\nb,2,0.5,5\n")
    assert table.names == ["b", "a"]
    assert table.starts.tolist() == [0, 3, 4]
    assert table.columns["x"].tolist() == [1.5, 2.5, 0.5, 3.5]
    assert table.padded(table.columns["z"], np.array([1, 0]), 2).tolist() == [[30, 0], [10, 20]]
    assert table.padded(table.columns["z"], np.array([0]), 3, shift=1).tolist() == [[20, 5, 0]]


@pytest.mark.parametrize("separator", [";", "\t"])
def test_other_separators_are_recognised(tmp_path: Path, separator: str) -> None:
    table = load(tmp_path, (HEADER + "a,0,1,2\na,1,3,4\n").replace(",", separator))
    assert table.columns["z"].tolist() == [2, 4]


def test_times_may_be_dates_and_parquet_says_the_same_as_csv(tmp_path: Path) -> None:
    rows = "a,2026-01-01 10:00:00,1,2\na,2026-01-01 10:00:30,3,4\n"
    from_csv = load(tmp_path, HEADER + rows)
    times = pa.array([1767261600, 1767261630], pa.timestamp("s"))
    columns = {"id": ["a", "a"], "t": times, "x": pa.array([1, 3]), "z": pa.array([2.0, 4.0], pa.float32())}
    parquet.write_table(pa.table(columns), tmp_path / "table.parquet")
    from_parquet = load_sequences(tmp_path / "table.parquet", LAYOUT)
    assert from_csv.step_size == from_parquet.step_size == 30
    assert from_csv.columns["z"].tolist() == from_parquet.columns["z"].tolist() == [2, 4]


def test_a_folder_is_one_table_and_its_errors_name_the_file(tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    load(tmp_path, HEADER + "a,0,1,2\na,1,3,4\n", name="1.csv")
    load(tmp_path, HEADER + "b,0,5,6\n", name="more/2.csv")
    assert load_sequences(tmp_path, LAYOUT).columns["z"].tolist() == [2, 4, 6]
    (tmp_path / "more/2.csv").write_text(HEADER + "b,0,5,6\nb,1,many,6\n")
    with pytest.raises(InvalidValue, match=r"more/2\.csv: row 2 \(line 3\), column x: 'many' is not a number$"):
        load_sequences(tmp_path, LAYOUT)
    (tmp_path / "more/2.csv").write_text(HEADER + "b,0,5,6\nb,1,7,\n")
    with pytest.raises(
        InvalidValue, match=r"more/2\.csv: row 2 \(line 3\), column z: is missing \(empty, NaN or n/a\)$"
    ):
        load_sequences(tmp_path, LAYOUT)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("a,0,1,2\na,1,oops,4\n", "row 2 (line 3), column x: 'oops' is not a number"),
        ("a,0,1,2\na,1,,4\n", "row 2 (line 3), column x: is missing (empty, NaN or n/a)"),
        ("a,0,1,2\na,1,inf,4\n", "row 2 (line 3), column x: inf is not a finite number"),
        ("a,0,1,2\n,1,3,4\n", "row 2 (line 3), column id: is missing (empty, NaN or n/a)"),
        (
            "a,0,1,2\na,1,1,2\na,3,3,4\na,4,1,1\n",
            "row 3 (line 4), column t: 3 comes after 1, but steps are 1 apart: there is a gap",
        ),
        ("a,1,1,2\na,0,1,2\na,1,3,4\n", "row 3 (line 4), column t: 1 comes twice in one sequence"),
        ("a,0,1\n", "cannot be read: CSV parse error: Row #2: Expected 4 columns, got 3: a,0,1"),
        ("", "has no rows"),
    ],
)
def test_a_wrong_value_is_named_by_file_row_and_column(tmp_path: Path, rows: str, expected: str) -> None:
    assert problem(tmp_path, HEADER + rows) == f"path=table.csv: {expected}"


def test_a_value_that_is_wrong_far_down_is_named_too(tmp_path: Path) -> None:
    rows = "".join(f"a,{step},0.25,0.5\n" for step in range(80_000))  # in another block than the first rows
    expected = "path=table.csv: row 80001 (line 80002), column z: 'x' is not a number"
    assert problem(tmp_path, HEADER + rows + "a,80000,1,x\n") == expected


def test_files_that_are_no_tables_are_refused(tmp_path: Path) -> None:
    assert problem(tmp_path, "") == "path=table.csv: is empty"
    assert problem(tmp_path, "id,t,y,z\na,0,1,2\n") == "path=table.csv: has no column x; its columns are id, t, y, z"
    (tmp_path / "table.csv").write_bytes("id,t,x,z,größe\na,0,1,2,3\n".encode("latin-1"))
    with pytest.raises(InvalidValue, match=r"table\.csv: cannot be read: its text is not UTF-8$"):
        load_sequences(tmp_path / "table.csv", LAYOUT)
    (tmp_path / "table.parquet").write_text(HEADER)
    with pytest.raises(InvalidValue, match=r"table\.parquet: cannot be read: "):
        load_sequences(tmp_path / "table.parquet", LAYOUT)
    with pytest.raises(InvalidValue, match="files: keep one kind in a folder"):
        load_sequences(tmp_path, LAYOUT)
    with pytest.raises(InvalidValue, match="there is no such file or folder"):
        load_sequences(tmp_path / "other.csv", LAYOUT)
    (tmp_path / "notes.txt").write_text("")
    with pytest.raises(InvalidValue, match=r"must be a \.csv or \.parquet file"):
        load_sequences(tmp_path / "notes.txt", LAYOUT)
    (tmp_path / "latin.csv").write_bytes((HEADER + "ä,0,1,2\n").encode("latin-1"))
    with pytest.raises(InvalidValue, match=r"latin\.csv: cannot be read: its text is not UTF-8$"):
        load_sequences(tmp_path / "latin.csv", LAYOUT)


def test_splits_are_stated_for_whole_sequences(tmp_path: Path) -> None:
    header = "id,t,x,z,part\n"
    table = load(tmp_path, header + "a,0,1,2,val\nb,0,1,2,train\nb,1,1,2,train\nc,0,0,0,probe\n", SPLIT)
    assert table.parts is not None
    assert table.parts.tolist() == [1, 0, 2]
    two = problem(tmp_path, header + "a,0,1,2,val\nb,0,1,2,train\nb,1,1,2,val\n", SPLIT)
    assert two == f"path=table.csv: row 3 (line 4), column part: {CONSTANT} b"
    other = problem(tmp_path, header + "a,0,1,2,val\nb,0,1,2,test\n", SPLIT)
    assert other == "path=table.csv: row 2 (line 3), column part: 'test' is none of train, val, probe"
    none = problem(tmp_path, header + "a,0,1,2,val\n", SPLIT)
    assert none == "split=part: no row of table.csv is of train"


def test_a_target_of_a_whole_sequence_does_not_change_in_it(tmp_path: Path) -> None:
    layout = Layout("id", "t", ("x",), ("z",), is_constant=True)
    changed = problem(tmp_path, HEADER + "a,1,1,3\na,0,1,2\nb,0,0,0\n", layout)
    assert changed == f"path=table.csv: row 1 (line 2), column z: {CONSTANT} a"


def test_text_is_a_class_and_numbers_are_where_they_are_to_be(tmp_path: Path) -> None:
    assert load(tmp_path, HEADER + "a,0,1,up\nb,0,1,down\n").classes == ("down", "up")
    assert load(tmp_path, HEADER + "a,0,1,10\nb,0,1,9\n").classes == ()
    table = load(tmp_path, HEADER + "a,0,1,10\nb,0,1,9\n", Layout("id", "t", ("x",), ("z",), classes=True))
    assert table.classes == ("9", "10")
    assert table.columns["z"].tolist() == [1, 0]


def test_groups_are_of_whole_sequences(tmp_path: Path) -> None:
    text = "id,t,x,z,site\nb,0,1,2,north\na,1,1,2,south\na,0,1,2,south\n"
    codes, names = load(tmp_path, text).groups("site")
    assert [names[code] for code in codes] == ["north", "south"]
    with pytest.raises(InvalidValue, match=rf"row 2 \(line 3\), column z: {CONSTANT} a$"):
        load(tmp_path, text.replace("a,0,1,2", "a,0,1,3")).groups("z")


def test_an_unchanged_file_is_read_once(tmp_path: Path) -> None:
    text = HEADER + "a,0,1,2\nb,0,1,2\n"
    first = load(tmp_path, text)
    assert load_sequences(tmp_path / "table.csv", LAYOUT) is first
    assert load(tmp_path, text + "c,0,1,2\n").names == ["a", "b", "c"]
