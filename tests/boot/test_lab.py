# SPDX-License-Identifier: GPL-2.0
"""scripts/lab: guests, switches and wires from a file come up, work, and go."""
import os
import pathlib
import re
import shutil
import signal
import subprocess
import time

import pytest

from guest import SCALE, wait_until

TOP = pathlib.Path(__file__).resolve().parents[2]
LAB = TOP / "scripts/lab"
EXAMPLES = TOP / "docs/examples/lab"
PATH = f"{os.environ['PATH']}:/usr/sbin:/sbin"
SECRET = b"said in the tunnel"


# how to tell our labs from those that others run meanwhile
MARK = {"LAB_OF_TEST": str(os.getpid())}


def run(file, out, timeout=100):
    """Status and words of a lab."""
    done = subprocess.run([LAB, "-o", out, file], text=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                          timeout=timeout * SCALE, env=os.environ | MARK)
    return done.returncode, done.stdout


def leftovers():
    """Processes of our labs."""
    mark = "".join(f"{key}={value}\0" for key, value in MARK.items()).encode()
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        process = pathlib.Path("/proc", name)
        try:
            if mark in process.joinpath("environ").read_bytes():
                found.append(process.joinpath("cmdline").read_bytes().decode())
        except OSError:
            continue
    return found


# what the guests of an example need of the host's
PROGRAMS = {"wireguard": "wg", "ospf": "bird", "firewall": "nft"}


@pytest.mark.parametrize("name", ["wire", "router", "bridge", *PROGRAMS,
                                  pytest.param("thirty", marks=pytest.mark.slow)])
def test_examples(tmp_path, name):
    """The examples of the documentation do what they say."""
    if name in PROGRAMS and not shutil.which(PROGRAMS[name], path=PATH):
        pytest.skip(f"{PROGRAMS[name]} is not installed")
    status, text = run(EXAMPLES / f"{name}.yaml", tmp_path, 300)
    logs = {path.stem: path.read_text() for path in tmp_path.glob("*.log")}
    assert status == 0, f"{text}\n{logs}"
    assert all("run-test: status 0" in log for log in logs.values())
    if name == "router":
        assert re.search(r"3 packets received", logs["one"])
        assert re.search(r"^ 3 +10\.2\.0\.2", logs["one"], re.M), "two routers lie between"
        assert (tmp_path / "red.pcapng").stat().st_size > 1000
    if name == "wireguard":
        assert "3 packets received" in logs["alice"]
        capture = (tmp_path / "outside.pcapng").read_bytes()
        assert SECRET not in capture and len(capture) > 1000
    if name == "ospf":
        first, second = re.findall(r"traceroute to [^\n]*\n((?: [^\n]*\n)+)", logs["r1"])
        assert len(first.splitlines()) == 1 and len(second.splitlines()) == 2
    if name == "firewall":
        assert "port 23 is open" not in logs["client"]
        assert re.search(r'dport 80 counter packets [1-9]', logs["firewall"])
        assert re.search(r'counter packets [1-9]\d* bytes \d+ comment "stopped"', logs["firewall"])
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
    process = subprocess.Popen([LAB, "-o", tmp_path, file], stdout=subprocess.PIPE, text=True,
                               env=os.environ | MARK)
    assert "3 guests are up" in process.stdout.readline()
    time.sleep(1)
    assert len(leftovers()) >= 5, "the lab, a switch and three guests"
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
