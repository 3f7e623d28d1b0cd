"""Files as they were at a revision."""

from __future__ import annotations

from pathlib import Path

import pytest

from mainstay.core.errors import InputRefused
from mainstay.engines.process import run
from mainstay.ops.revision import text_at, texts_at

NOBODY = ("-c", "user.name=n", "-c", "user.email=n@example.com", "-c", "commit.gpgsign=false")


def git(folder: Path, *arguments: str) -> None:
    run(["git", *NOBODY, *arguments], timeout_s=60, cwd=folder)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder within a repository, of two revisions."""
    top = tmp_path_factory.mktemp("repository")
    inner = top / "inner"
    (inner / "module").mkdir(parents=True)
    git(top, "init", "-q", "-b", "main")
    for text in ("one", "two"):
        (inner / "a.yaml").write_text(f"{text}: ä\n", encoding="utf-8")
        (inner / "module" / "main.tf.json").write_text(text, encoding="utf-8")
        (inner / "module" / "README.md").write_text(text, encoding="utf-8")
        git(top, "add", "-A")
        git(top, "commit", "-qm", text)
        (inner / "later.yaml").write_text("new", encoding="utf-8")
    return inner


def test_a_file_as_it_was(folder: Path) -> None:
    assert text_at(folder / "a.yaml", "HEAD~1") == "one: ä\n"
    assert text_at(folder / "a.yaml", "main") == "two: ä\n"


def test_the_files_of_a_folder(folder: Path) -> None:
    assert texts_at(folder / "module", "HEAD~1", ".tf.json") == {"main.tf.json": "one"}
    assert texts_at(folder, "HEAD", ".tf.json") == {}


@pytest.mark.parametrize(
    ("name", "revision", "words"),
    [
        ("a.yaml", "nope", "revision 'nope'"),
        ("a.yaml", "--output=x", "revision '--output=x'"),
        ("a.yaml", "", "revision ''"),
        ("later.yaml", "HEAD~1", "later.yaml at HEAD~1"),
        ("none.yaml", "HEAD", "none.yaml at HEAD"),
    ],
)
def test_what_is_not_there_is_refused(name: str, revision: str, words: str, folder: Path) -> None:
    with pytest.raises(InputRefused) as refused:
        text_at(folder / name, revision)
    assert refused.value.summary == "not in the repository"
    assert words in refused.value.detail
    assert "git log" in refused.value.hint


def test_outside_of_a_repository_git_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="not in the repository") as refused:
        text_at(tmp_path / "a.yaml", "HEAD")
    assert "not a git repository" in refused.value.detail
