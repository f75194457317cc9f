"""The table of the products' variables speaks of what tests know."""
import re

from stack import REPOSITORY


def test_every_variable_of_the_table_is_in_a_test_of_the_settings():
    rows = [line.split("|") for line in (REPOSITORY / "docs/products.md").read_text().splitlines() if line.startswith("| ")]
    theirs = {name for row in rows for name in re.findall(r"`([A-Z][A-Z0-9_]+)…?`", row[2])}
    ours = {name for row in rows for name in re.findall(r"COFFERDAM_[A-Z0-9_]+", row[3])}
    folder = REPOSITORY / "tests/controller/cli"
    tested = "".join((folder / name).read_text() for name in ("settings_test.cc", "destination_settings_test.cc"))
    assert {"BACKUP_SCHEDULE", "BACKUP_DIR", "S3_SECRET_ACCESS_KEY", "UPLOAD_DIR", "OPENMAPX_SECRETS_KEY"} <= theirs
    assert [name for name in sorted(theirs | ours) if f'"{name}' not in tested] == []
