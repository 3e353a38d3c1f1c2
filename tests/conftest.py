# SPDX-License-Identifier: GPL-2.0
"""What all tests share: time limits, guests, and the modes that they run in."""
import functools
import os
import pathlib
import signal
import sys
import tempfile

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "boot"))

import guest  # noqa: E402  pylint: disable=wrong-import-position

LIMIT = {"boot": 180, "syscalls": 600}      # seconds for a test, by directory
LIMIT_ELSEWHERE = 1800


def pytest_configure(config):
    """Markers."""
    config.addinivalue_line("markers", "limit(seconds): the test's time limit")
    config.addinivalue_line("markers", "slow: takes more than half a minute (-m 'not slow')")


# ---- time limits ---------------------------------------------------------------

class TooLong(BaseException):
    """Not an Exception: no handler in between may swallow it."""


def limit_of(item):
    """Seconds that all of the item may take."""
    marker = item.get_closest_marker("limit")
    if marker:
        return marker.args[0]
    parts = pathlib.Path(item.fspath).relative_to(HERE).parts
    return LIMIT.get(parts[0], LIMIT_ELSEWHERE)


def run_limited(item, what):
    """A generator around one phase of @item."""
    limit = limit_of(item) * guest.SCALE

    def expired(*_):
        raise TooLong(f"{what} took more than {limit:.0f} s")

    before = signal.signal(signal.SIGALRM, expired)
    signal.setitimer(signal.ITIMER_REAL, limit)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_setup(item):
    """Fixtures are limited as tests are."""
    yield from run_limited(item, "the setup")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item):
    """The test itself."""
    yield from run_limited(item, "the test")


# ---- modes ---------------------------------------------------------------------

# What runs in every mode by default. The rest does so among the slow tests; else in
# the first mode that this host can do, which is the one that guests get.
EVERY_MODE = ("boot/test_boot.py", "boot/test_modes.py", "syscalls", "hostile")


@functools.lru_cache
def modes():
    """Pairs of this kernel, each with the host's reason against it or None. A
    kernel that cannot even be asked has one, whose tests will tell why."""
    if not guest.LINUX.exists():
        return [("skas", "ptrace", None)]
    asked = []
    for space, trap in guest.PAIRS:
        try:
            asked.append((space, trap, guest.probe(space, trap)))
        except AssertionError as error:
            print(error, file=sys.stderr)
            asked.append((space, trap, None))
    return [mode for mode in asked if mode[2] != ""]


def pytest_generate_tests(metafunc):
    """Whatever depends on "mode" runs in each."""
    if "mode" not in metafunc.fixturenames:
        return
    where = pathlib.Path(metafunc.definition.fspath).relative_to(HERE).as_posix()
    every = where.startswith(EVERY_MODE)
    first = next((pair[:2] for pair in modes() if not pair[2]), None)
    params = []
    for space, trap, reason in modes():
        marks = [pytest.mark.skip(reason=reason)] if reason else []
        if not every and (space, trap) != first:
            marks.append(pytest.mark.slow)
        params.append(pytest.param([f"mode={space}", f"trap={trap}"], id=f"{space}-{trap}",
                                   marks=marks))
    metafunc.parametrize("mode", params, scope="session")


# ---- guests --------------------------------------------------------------------

@pytest.fixture(scope="session", name="linux")
def fixture_linux():
    """The kernel, where an unprivileged user can run it."""
    with tempfile.TemporaryDirectory(prefix="usermode-tests-") as name:
        os.chmod(name, 0o755)
        yield guest.publish(name)


@pytest.fixture(name="shop")
def fixture_shop(linux):
    """Guests of one test. Afterwards nothing of them may be left."""
    with tempfile.TemporaryDirectory(prefix="guest-", dir=linux.parent) as name:
        os.chmod(name, 0o755)
        shop = guest.Shop(linux, name)
        yield shop
        left = shop.close()
        assert not left, f"left behind: {left}"


@pytest.fixture(name="boot")
def fixture_boot(shop, mode):
    """boot(switch...): a guest with root.img, on a terminal, in each mode."""
    def boot(*switches, image="root.img", **options):
        return shop.start(f"ubd0={shop.image(image)}", *mode, *switches, **options)
    return boot


@pytest.fixture(name="script")
def fixture_script(shop, mode):
    """script(text, switch...): what a script said as root in a guest."""
    def script(text, *switches, **options):
        return shop.run_script(text, *mode, *switches, **options)
    return script
