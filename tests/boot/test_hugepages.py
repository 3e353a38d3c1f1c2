# SPDX-License-Identifier: GPL-2.0
"""Pages of 2 MB that are set aside, and the control group that counts them."""
import re

import pytest

from guest import TROUBLE

SET_ASIDE = """
cd /sys/kernel/mm/hugepages && ls
echo 16 > /proc/sys/vm/nr_hugepages
grep -e HugePages_Total -e HugePages_Free /proc/meminfo
mkdir /huge; mount -t hugetlbfs -o size=16m none /huge && df /huge | tail -n 1
for i in 1 2 3; do timeout 100 /tests/hugetlb; done
grep HugePages_Free /proc/meminfo
echo 0 > /proc/sys/vm/nr_hugepages
grep HugePages_Total /proc/meminfo
dmesg
"""


@pytest.mark.limit(300)
def test_set_aside(script):
    """They are there, work, are all back afterwards, and become small pages again."""
    said = script(SET_ASIDE, image="test.img").stdout
    assert "hugepages-2048kB" in said
    assert re.findall(r"HugePages_(\w+): +(\d+)", said) == \
        [("Total", "16"), ("Free", "16"), ("Free", "16"), ("Total", "0")], said
    assert re.search(r"none +16384 +0 +16384 .*/huge", said)
    assert said.count("ok 1 - ") == 3 and "not ok" not in said and "SKIP" not in said, said
    assert not TROUBLE.search(said), said


LIMITED = """
mount -t cgroup2 none /sys/fs/cgroup
cd /sys/fs/cgroup
grep -ow hugetlb cgroup.controllers
echo +hugetlb > cgroup.subtree_control
mkdir few
echo 16 > /proc/sys/vm/nr_hugepages
echo 4194304 > few/hugetlb.2MB.max
(echo 0 > few/cgroup.procs; exec /tests/hugetlb futex_in_it)
cat few/hugetlb.2MB.events few/hugetlb.2MB.current
(echo 0 > few/cgroup.procs; exec /tests/hugetlb all_of_it_is_there)
cat few/hugetlb.2MB.events few/hugetlb.2MB.current
echo max > few/hugetlb.2MB.max
(echo 0 > few/cgroup.procs; exec /tests/hugetlb all_of_it_is_there)
rmdir few && echo "gone."
"""


def test_control_group(script):
    """Two pages are allowed: a program that wants four is ended, and it is counted."""
    said = script(LIMITED, image="test.img").stdout
    lines = [line for line in said.splitlines()
             if line.startswith(("ok", "not ok", "max", "hugetlb", "gone")) or line.isdigit()]
    assert lines[:4] == ["hugetlb", "ok 10 - futex_in_it", "max 0", "0"], said
    assert lines[4].startswith("not ok 1 - all_of_it_is_there # died of signal 7"), said
    assert re.fullmatch(r"max [1-9]\d*", lines[5]) and lines[6] == "0", said
    assert lines[7:] == ["ok 1 - all_of_it_is_there", "gone."], said
