# SPDX-License-Identifier: GPL-2.0
"""Images of which any byte may be wrong. tests/tools/fuzz looks for more."""
import pathlib
import subprocess

import pytest

HERE = pathlib.Path(__file__).resolve().parent
REPO = HERE.parents[1]
BLOCK = REPO / "drivers/usermode/block"
PLAIN = ["cow_header", "cow_bitmap", "chain", "file", "qcow2_header", "qcow2_open",
         "qcow2_alloc", "qcow2_map", "qcow2_io"]


@pytest.fixture(name="program", scope="module")
def fixture_program(tmp_path_factory):
    """The kernel's code with sanitizers."""
    path = tmp_path_factory.mktemp("fuzz") / "fuzz_image"
    subprocess.run(["gcc", "-g", "-O1", "-std=gnu11", "-D_GNU_SOURCE", "-DREPLAY", "-Wall",
                    "-Wextra", "-Werror", "-fsanitize=address,undefined",
                    "-fno-sanitize-recover=undefined", f"-I{REPO / 'tools/cow'}", f"-I{BLOCK}",
                    "-idirafter", REPO / "include/uapi", "-o", path, HERE / "fuzz_image.c",
                    *[BLOCK / f"{name}.c" for name in PLAIN], "-lz"], check=True)
    return path


@pytest.mark.parametrize("image", sorted(p.name for p in (HERE / "corpus").iterdir()))
def test_damaged_images(program, image):
    """Each byte of the header, and some others, with other values; and cut off
    there: no harm is done."""
    done = subprocess.run([program, HERE / "corpus" / image], check=False, text=True,
                          capture_output=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
