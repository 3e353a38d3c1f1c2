# SPDX-License-Identifier: GPL-2.0
"""scripts/lab: guests, switches and wires from a file come up, work, and go."""
import os
import pathlib
import re
import signal
import subprocess
import time

import pytest

from guest import SCALE, wait_until

TOP = pathlib.Path(__file__).resolve().parents[2]
LAB = TOP / "scripts/lab"
EXAMPLES = TOP / "docs/examples/lab"


def run(file, out, timeout=100):
    """Status and words of a lab."""
    done = subprocess.run([LAB, "-o", out, file], text=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                          timeout=timeout * SCALE)
    return done.returncode, done.stdout


def leftovers():
    """Processes that name a lab's directory, and the directories."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            words = pathlib.Path("/proc", name, "cmdline").read_bytes()
        except OSError:
            continue
        if b"/usermode-lab-" in words:
            found.append(words.replace(b"\0", b" ").decode())
    return found


@pytest.mark.parametrize("name", ["wire", "router", "bridge",
                                  pytest.param("thirty", marks=pytest.mark.slow)])
def test_examples(tmp_path, name):
    """The examples of the documentation do what they say."""
    status, text = run(EXAMPLES / f"{name}.yaml", tmp_path, 300)
    logs = {path.stem: path.read_text() for path in tmp_path.glob("*.log")}
    assert status == 0, f"{text}\n{logs}"
    assert all("run-test: status 0" in log for log in logs.values())
    if name == "router":
        assert re.search(r"3 packets received", logs["one"])
        assert re.search(r"^ 3 +10\.2\.0\.2", logs["one"], re.M), "two routers lie between"
        assert (tmp_path / "red.pcapng").stat().st_size > 1000
    if name == "thirty":
        assert len(logs) == 30 and float(re.search(r"up after ([\d.]+)", text).group(1)) < 30
    assert not leftovers()


def test_failure(tmp_path):
    """A script that fails is named, and so is the lab's status."""
    file = tmp_path / "lab.yaml"
    file.write_text("guests:\n  a:\n    script: exit 3\n  b:\n")
    status, text = run(file, tmp_path)
    assert status == 1 and "lab: a: status 3" in text and "lab: b" not in text


def test_signal(tmp_path):
    """A lab that is ended takes everything down."""
    file = tmp_path / "lab.yaml"
    file.write_text("switches: {s: }\nguests:\n  a:\n    count: 3\n"
                    "    networks: [{switch: s}]\n    script: sleep 1000\n")
    process = subprocess.Popen([LAB, "-o", tmp_path, file], stdout=subprocess.PIPE, text=True)
    assert "3 guests are up" in process.stdout.readline()
    time.sleep(1)
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 1
    process.stdout.close()
    assert wait_until(lambda: not leftovers(), 5)


@pytest.mark.parametrize("text, reason", [
    ("", "not a mapping"), ("guests: [", "lab.yaml"), ("guests: {}", "no guests"),
    ("guests: {a: {netwerks: 1}}", "netwerks"), ("gusts: {}", "gusts"),
    ("guests: {a: {networks: [{switch: s}]}}", "no switch s"),
    ("guests: {a: {networks: [{wire: w}]}}", "wire w"),
    ("guests: {a: {networks: [{}]}}", "a switch, a wire or a transport"),
    ("guests: {a: {image: nowhere.img}}", "nowhere.img is missing"),
])
def test_bad_files(tmp_path, text, reason):
    """One line that says what is wrong."""
    file = tmp_path / "lab.yaml"
    file.write_text(text)
    status, words = run(file, tmp_path)
    assert status == 1 and words.startswith("lab: ") and reason in words, words
    assert words.count("\n") == 1
