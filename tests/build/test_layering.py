# SPDX-License-Identifier: GPL-2.0
"""scripts/check-layering accepts a small well-built port and catches each kind
of violation that is planted in it."""

import os
import subprocess
import sys

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
CHECK = f"{TOP}/scripts/check-layering"

TREE = {
    "include/linux/types.h": "typedef unsigned int u32;\n",
    "include/linux/bio.h": "struct bio;\n",
    "include/linux/wrapped.h": "#include <linux/bio.h>\n",
    "include/linux/sched.h": "struct task_struct;\n",
    "include/uapi/linux/fcntl.h": "#define O_RDWR 2\n",
}
PORT = {
    "arch/usermode/include/asm/host.h":
        "#include <linux/types.h>\nint host_read(int fd);\n"
        "void host_upcall_irq(unsigned int line);\n",
    "arch/usermode/include/asm/platform.h": "int space_map(void);\n",
    "arch/usermode/host/file.c":
        "#include <uapi/linux/fcntl.h>\n#include <asm/host.h>\n"
        "int host_read(int fd)\n"
        "{ int r; host_upcall_irq(fd);\n"
        "  asm volatile(\"syscall\" : \"=a\"(r) : \"0\"(0)); return r; }\n",
    "arch/usermode/platform/core.c":
        "#include <asm/host.h>\n#include <asm/platform.h>\n"
        "int space_map(void) { return host_read(0); }\n",
    "arch/usermode/kernel/irq.c":
        "#include <asm/host.h>\n#include <asm/platform.h>\n"
        "int printk(const char *);\n"
        "void host_upcall_irq(unsigned int line)\n"
        "{ printk(\"x\"); space_map(); }\n",
    "drivers/usermode/block/raw_backend.c":
        "#include <asm/host.h>\nint raw_read(int fd);\n"
        "int raw_read(int fd) { return host_read(fd); }\n",
    "include/uapi/linux/usermode/cow.h": "#include <linux/types.h>\n",
    "tools/moo.c": "#include <stdio.h>\n#include <linux/usermode/cow.h>\n",
}


class Port:
    """A source tree with the port in it, and what a build of it leaves."""

    def __init__(self, top):
        self.src, self.obj = top / "src", top / "obj"
        for name, text in (TREE | PORT).items():
            self.write(name, text)

    def write(self, name, text):
        path = self.src / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def append(self, name, text):
        self.write(name, (self.src / name).read_text() + text)

    def build(self):
        self.obj.mkdir()
        for path in self.src.rglob("*.c"):
            name = path.relative_to(self.src)
            if name.parts[0] == "tools":
                continue
            out = (self.obj / name).with_suffix(".o")
            out.parent.mkdir(parents=True, exist_ok=True)
            flags = ["-O1", "-ffreestanding", f"-I{self.src}/arch/usermode/include",
                     f"-I{self.src}/include", f"-I{self.src}/include/uapi",
                     "-Iinclude"]
            subprocess.run(["gcc", "-c", *flags, "-o", out, path], check=True)
            rule = subprocess.run(["gcc", "-M", *flags, path], check=True,
                                  stdout=subprocess.PIPE, text=True).stdout
            deps = rule.replace("\\\n", " ").split()[2:]
            target = name.with_suffix(".o")
            (out.parent / f".{out.name}.cmd").write_text(
                f"savedcmd_{target} := gcc\n\nsource_{target} := {path}\n\n"
                f"deps_{target} := \\\n" + "".join(f"  {d} \\\n" for d in deps) + "\n")
        self.image("void _start(void) {}\n", "-static")

    def image(self, text, *flags):
        subprocess.run(["gcc", "-x", "c", "-", "-nostdlib", "-o", self.obj / "linux",
                        *flags], input=text, text=True, check=True)

    def check(self):
        done = subprocess.run(
            [sys.executable, CHECK, "--repo", self.src, "--src", self.src,
             "--obj", self.obj], stdout=subprocess.PIPE, text=True, check=False)
        return done.returncode, done.stdout


@pytest.fixture(name="port")
def fixture_port(tmp_path):
    return Port(tmp_path)


def test_good_port_passes(port):
    port.build()
    assert port.check() == (0, "check-layering: 4 objects, no violation\n")


HOST, PLATFORM = "arch/usermode/host/file.c", "arch/usermode/platform/core.c"
KERNEL, DRIVER = "arch/usermode/kernel/irq.c", "drivers/usermode/block/raw_backend.c"


@pytest.mark.parametrize("where, text, message", [
    (HOST, "#include <linux/sched.h>\n", "host includes include/linux/sched.h"),
    (HOST, "int printk(const char *); int f(void) { return printk(\"\"); }\n",
     "host uses printk of generic"),
    (HOST, "int space_map(void); int f(void) { return space_map(); }\n",
     "host uses space_map of platform"),
    (HOST, "void host_upcall_fifth(void); void f(void) { host_upcall_fifth(); }\n",
     "host uses host_upcall_fifth of generic"),
    (PLATFORM, "void *kmalloc(long); void *f(void) { return kmalloc(1); }\n",
     "platform uses kmalloc of generic"),
    (PLATFORM, "#include <linux/sched.h>\n", "platform includes linux/sched.h"),
    (PLATFORM, "void f(void) { asm volatile(\"syscall\"); }\n", "raw host call in f()"),
    (KERNEL, "void f(void) { asm volatile(\"syscall\"); }\n", "raw host call in f()"),
    (KERNEL, "void f(void) { asm volatile(\"int $0x80\"); }\n", "raw host call in f()"),
    (DRIVER, "#include <asm/platform.h>\n", "drivers include asm/platform.h"),
    (DRIVER, "int space_map(void); int f(void) { return space_map(); }\n",
     "drivers uses space_map of platform"),
    (DRIVER, "#include <linux/wrapped.h>\n", "a backend includes include/linux/bio.h"),
    ("tools/moo.c", "#include <asm/host.h>\n", "tools include the kernel's asm/host.h"),
    ("tools/moo.c", "#include \"../arch/usermode/x.h\"\n", "tools include ../arch"),
    ("include/uapi/linux/usermode/cow.h", "#include <linux/fs.h>\n",
     "a wire format includes linux/fs.h"),
])
def test_violation_is_caught(port, where, text, message):
    port.append(where, text)
    port.build()
    status, out = port.check()
    assert status == 1
    assert f"{where}: {message}" in out


@pytest.mark.parametrize("flags, message", [
    (["-static-pie", "-Dnowhere=_start"], "has a dynamic section"),
    (["-r"], "undefined nowhere"),
])
def test_bad_image_is_caught(port, flags, message):
    port.build()
    port.image("void nowhere(void); void _start(void);\n"
               "void _start(void) { nowhere(); }\n", *flags)
    status, out = port.check()
    assert status == 1
    assert message in out


def test_empty_build_is_no_pass(port):
    assert port.check()[0] == 1


def test_uncompiled_layer_is_no_pass(port):
    port.build()
    port.write("arch/usermode/mm/init.c", "int x;\n")
    status, out = port.check()
    assert status == 1
    assert "arch/usermode/mm: none of its objects was found" in out
