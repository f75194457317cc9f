"""scripts/check_layers.py finds what it is there to find, and nothing else."""
import pathlib
import subprocess

import pytest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "check_layers.py"


def check(root, name, text):
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return subprocess.run([SCRIPT, root], capture_output=True, text=True)


@pytest.mark.parametrize("name, include", [
    ("dockerapi/engine.cc", '"compose/stack.h"'),
    ("compose/stack.h", '"controller/plan/policy.h"'),
    ("controller/cli/program.cc", '"plugin/driver.h"'),
    ("controller/archive/tar.cc", '"tests/fakes/fake_engine.h"'),
    ("controller/archive/tar.cc", '"controller/snapshot/manifest.h"'),
    ("controller/clock.h", '"controller/archive/tar.h"'),
    ("dockerapi/engine.cc", '"engine.h"'),
    ("dockerapi/engine.h", "<nlohmann/json.hpp>"),
    ("controller/archive/tar.h", "<archive.h>"),
])
def test_a_forbidden_include_is_found(tmp_path, name, include):
    result = check(tmp_path, name, f"// comment\n#include {include}\n")
    assert result.returncode == 1
    assert result.stdout.startswith(f"{name}:2: ")


@pytest.mark.parametrize("name, include", [
    ("compose/stack.cc", '"dockerapi/engine.h"'),
    ("controller/cli/program.cc", '"controller/restore/restore.h"'),
    ("controller/archive/tar.cc", '"controller/clock.h"'),
    ("controller/main.cc", '"plugin/driver.h"'),
    ("controller/archive/tar.cc", "<archive.h>"),
    ("controller/archive/descriptor.h", "<sys/stat.h>"),
    ("dockerapi/engine.h", "<string_view>"),
])
def test_an_allowed_include_passes(tmp_path, name, include):
    assert check(tmp_path, name, f"#include {include}\n").returncode == 0


def test_two_types_of_one_name_in_a_layer_are_found(tmp_path):
    check(tmp_path, "controller/plan/settings.h", "struct Setting {\n};\n")
    result = check(tmp_path, "controller/capture/setting.h", "struct Setting final : Base {\n};\n")
    assert result.returncode == 1
    assert result.stdout.startswith("controller/plan/settings.h:1: defines Setting, as does controller/capture/setting.h:1")


def test_a_declaration_and_a_type_within_another_are_no_second_type(tmp_path):
    check(tmp_path, "controller/plan/settings.h", "struct Setting {\n  struct Place {\n  };\n};\n")
    assert check(tmp_path, "controller/capture/place.h", "struct Setting;\nstruct Place {\n};\n").returncode == 0
