"""The page beside a translation: every loss in a row, whatever stands in its words."""

from __future__ import annotations

from mainstay.core.findings import Origin
from mainstay.formats.translation import Loss, report

LOSS = Loss(
    what="property",
    subject="Db",
    path="A|B",
    address='module.a["x"].aws_db_instance.db',
    origin=Origin("t.json", 5),
    reason="no\ntable",
    hint="do it",
)


def test_a_loss_is_a_row() -> None:
    assert LOSS.place == 'module.a["x"].aws_db_instance.db.A|B'
    page = report("Terraform", "CloudFormation", [LOSS], "Careful.")
    assert page.startswith("# From Terraform to CloudFormation\n\nCareful.\n")
    assert '| property | `module.a["x"].aws_db_instance.db.A\\|B` | t.json:5 | no table | do it |\n' in page
    assert LOSS.as_json()["line"] == 5


def test_a_page_without_losses_says_so() -> None:
    assert "Everything was carried." in report("CloudFormation", "Terraform", [], "Careful.")
    bare = Loss(what="section", subject="Rules", reason="r", hint="h")
    assert "| section | `Rules` |  | r | h |" in report("CloudFormation", "Terraform", [bare], "")
    assert (bare.as_json()["file"], bare.as_json()["line"], bare.as_json()["address"]) == (None, None, None)
