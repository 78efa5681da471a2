"""A user's own code counts with everything that it imports; comments, formatting and docstrings do not."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import seqprobe
from seqprobe.checks import InvalidValue
from seqprobe.config.compose import plain_config
from seqprobe.run.identity import population_identity, training_identity
from seqprobe.run.user_code import syntax_digest, user_modules
from seqprobe.user_calls import is_users

TASK = '''
"""A task."""
import numpy
import my_package.numbers
from seqprobe.batch import Batch
from seqprobe.tasks import Task
from ..tools import sizes

class Mine(Task):
    def __init__(self, size=sizes.SIZE, path=None):
        super().__init__("mine", 1, ("y",), "seq2seq", "mse", 5, size, 1, 1)
        self.path = path

    def sample(self, n, generator):
        raise NotImplementedError  # never called here

    def files(self):
        from pathlib import Path
        import beside
        return [Path(self.path)] if self.path else []
'''
FILES = {
    "my_package/__init__.py": "",
    "my_package/numbers.py": "import json\nFACTOR = 3\n",
    "my_package/tasks/__init__.py": "",
    "my_package/tasks/mine.py": TASK,
    "my_package/tasks/unused.py": "X = 1\n",
    "my_package/tools/sizes.py": "from my_package.tools.more import SIZE\n",
    "my_package/tools/more.py": "SIZE = 7\n",
    "beside.py": "Y = 1\n",
    "unused.py": "Z = 1\n",
}


class Folder:
    """A user's folder, on the import path and trusted."""

    def __init__(self, path: Path) -> None:
        self.path = path
        for name, content in FILES.items():
            self.write(name, content)

    def write(self, name: str, content: str) -> None:
        (self.path / name).parent.mkdir(parents=True, exist_ok=True)
        (self.path / name).write_text(content)
        forget_modules()

    def training(self, **arguments: object) -> str:
        forget_modules()
        plain = plain_config("task=sine", "model=lstm")
        return training_identity({**plain, "task": {"_target_": "my_package.tasks.mine.Mine", **arguments}})


def forget_modules() -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] in ("my_package", "beside", "unused")]:
        del sys.modules[name]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Folder]:
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)  # two edits within a second would look like one
    yield Folder(tmp_path)
    forget_modules()


def test_modules_are_followed_wherever_they_are(folder: Folder) -> None:
    modules = user_modules([{"a": {"_target_": "my_package.tasks.mine.Mine"}}, {"_target_": "torch.nn.Linear"}])
    assert {name: path.relative_to(folder.path).as_posix() for name, path in modules.items()} == {
        "beside": "beside.py",
        "my_package": "my_package/__init__.py",
        "my_package.numbers": "my_package/numbers.py",
        "my_package.tasks": "my_package/tasks/__init__.py",
        "my_package.tasks.mine": "my_package/tasks/mine.py",
        "my_package.tools.more": "my_package/tools/more.py",
        "my_package.tools.sizes": "my_package/tools/sizes.py",
    }


def test_a_config_without_users_code_has_no_modules() -> None:
    assert user_modules(plain_config("task=sine", "model=lstm")) == {}


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (Path(sys.prefix) / "my_folder" / "mine.py", True),
        (Path(sys.prefix) / "bin" / "mine.py", True),
        (Path(pytest.__file__), False),
        (Path(json.__file__), False),
        (Path(seqprobe.__file__), False),
        (Path("/elsewhere/lib/python3/dist-packages/package.py"), False),
    ],
    ids=str,
)
def test_whose_code_a_file_is(place: Path, expected: bool) -> None:
    assert is_users(place) is expected


@pytest.mark.parametrize("content", ["print 'old'\n", "x = '\0'\n"])
def test_a_file_that_cannot_be_parsed_is_left_out(folder: Folder, content: str) -> None:
    folder.write("beside.py", content)
    modules = user_modules({"_target_": "my_package.tasks.mine.Mine"})
    assert "my_package.tasks.mine" in modules
    assert "beside" not in modules


def test_a_relative_import_beyond_the_topmost_package_is_left_out(folder: Folder) -> None:
    folder.write("beside.py", "from . import a\nfrom ..b import c\nimport unused\n")
    folder.write("my_package/numbers.py", "if False:\n    from ...above import d\n")
    modules = user_modules({"_target_": "my_package.tasks.mine.Mine"})
    assert {"beside", "my_package.numbers", "unused"} <= set(modules)
    assert len(modules) == 8


@pytest.mark.parametrize("name", [name for name, content in FILES.items() if "unused" not in name and content])
def test_an_edit_counts_and_undoing_it_does_so_too(folder: Folder, name: str) -> None:
    before = folder.training()
    folder.write(name, FILES[name] + "\nMORE = 1\n")
    assert folder.training() != before
    folder.write(name, FILES[name])
    assert folder.training() == before


@pytest.mark.parametrize("name", ["my_package/tasks/unused.py", "unused.py"])
def test_what_is_not_imported_does_not_count(folder: Folder, name: str) -> None:
    before = folder.training()
    folder.write(name, "Z = 2\n")
    assert folder.training() == before


def test_comments_formatting_and_docstrings_do_not_count(folder: Folder) -> None:
    before = folder.training()
    edited = TASK.replace('"""A task."""', '"""Another text."""  # and a comment')
    edited = edited.replace("size=sizes.SIZE, ", "\n        size = sizes.SIZE,\n        ")
    folder.write("my_package/tasks/mine.py", edited)
    assert folder.training() == before


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("def f():\n    'text'\n    return 1", "def f(): return 1  # comment", True),
        ("class A:\n    '''text'''\n    x = 'text'", 'class A:\n\n    x = "text"', True),
        ("x = 'text'", "x = 'other'", False),
        ("x = 1", "x = 1.0", False),
        ("x = None", "x = 0", False),
        ("def f():\n    'text'\n    'statement'", "def f():\n    'other'\n    'statement'", True),
        ("x = (1)", "x = 1", True),
        ("f(a, b)", "f(b, a)", False),
    ],
)
def test_what_makes_code_different(one: str, other: str, equal: bool) -> None:
    assert (syntax_digest(one.encode()) == syntax_digest(other.encode())) is equal


def test_a_hash_of_code_is_the_same_in_every_version_of_python() -> None:
    source = b"def f(x: int = 1, *, y=None):\n    return [x, y]\n"
    assert syntax_digest(source) == "9eb6b694f14f898192992315929f70d36a6994787c6c6ed0650c4e897f200bea"


def test_the_content_of_a_tasks_files_counts_and_not_their_place(folder: Folder, tmp_path: Path) -> None:
    one, other = tmp_path / "one.csv", tmp_path / "other.csv"
    one.write_text("1,2\n")
    other.write_text("1,3\n")
    without = folder.training()
    before = folder.training(path=str(one))
    assert len({without, before, folder.training(path=str(other))}) == 3
    one.write_text("1,4\n")
    assert folder.training(path=str(one)) != before
    one.write_text("1,2\n")
    assert folder.training(path=str(one)) == before
    with pytest.raises(InvalidValue, match=r"task=.*missing\.csv: cannot be read: No such file"):
        folder.training(path=str(tmp_path / "missing.csv"))


def test_a_probes_code_counts_for_the_population_alone(folder: Folder) -> None:
    folder.write("my_probe.py", "class Mine:\n    X = 1\n")
    plain = plain_config("task=sine", "model=lstm")
    plain["task"]["probes"] = {"mine": {"_target_": "my_probe.Mine"}}
    training = training_identity(plain)
    population = population_identity(plain, training)
    folder.write("my_probe.py", "class Mine:\n    X = 2\n")
    sys.modules.pop("my_probe")
    assert training_identity(plain) == training
    assert population_identity(plain, training) != population
    sys.modules.pop("my_probe")
