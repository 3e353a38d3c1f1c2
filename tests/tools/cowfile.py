# SPDX-License-Identifier: GPL-2.0
"""Copy-on-write files as the interface describes them, written independently of
the program's own code."""
import os
import struct

MAGIC = 0x4f4f4f4d
SECTOR = 512


def header(version, backing, size, mtime, *, wide=False, high=False, little=False, sector=SECTOR,
           align=4096, form=0):
    """The bytes of a header."""
    path = os.fsencode(backing)
    if version == 1:
        return struct.pack(("<" if little else ">") + "II256sIQI", MAGIC, 1, path,
                           mtime & 0xffffffff, size, sector)
    if version == 2:
        return struct.pack(">II4096sIQI", MAGIC, 2, path, mtime, size, sector)
    if wide:
        return struct.pack(">IIqQIII4096s4x", MAGIC, version, mtime << 32 if high else mtime,
                           size, sector, align, form, path)
    return struct.pack(">IIIQIII4096s", MAGIC, version, mtime & 0xffffffff, size, sector,
                       align, form, path)


def up(value, unit):
    """Round up."""
    return (value + unit - 1) // unit * unit


def places(version, size, *, wide=False, sector=SECTOR, align=4096):
    """Where the bitmap and the data are, and how long the bitmap is."""
    sectors = (size + sector - 1) // sector
    if version == 1:
        at, end = 280, 280 + (size + sector - 1) // (8 * sector)
        return at, (sectors + 7) // 8, up(end, sector)
    if version == 2:
        at, end = 4120, 4120 + (size + sector - 1) // (8 * sector)
        return at, (sectors + 7) // 8, up(end, sector)
    at = up(4136 if wide else 4128, align)
    return at, (sectors + 7) // 8, up(at + (sectors + 7) // 8, align)


def write(path, version, backing, content, **how):
    """A COW file over @backing; @content is {sector: bytes}."""
    stat = os.stat(backing)
    where = {k: v for k, v in how.items() if k in ("wide", "sector", "align")}
    sector = how.get("sector", SECTOR)
    bitmap_at, bitmap_bytes, data_at = places(version, stat.st_size, **where)
    bitmap = bytearray(bitmap_bytes)
    with open(path, "wb") as file:
        file.write(header(version, os.path.realpath(backing), stat.st_size,
                          int(stat.st_mtime), **how))
        for number, data in content.items():
            bitmap[number // 8] |= 1 << number % 8
            file.seek(data_at + number * sector)
            file.write(data)
        file.seek(bitmap_at)
        file.write(bitmap)
    os.truncate(path, data_at + stat.st_size)


def read(path, **how):
    """What a file over a plain one is read as; (version, {sector: bytes})."""
    with open(path, "rb") as file:
        data = file.read()
    version = struct.unpack_from("<I" if how.get("little") else ">I", data, 4)[0]
    wide, sector = how.get("wide", False), how.get("sector", SECTOR)
    if version == 1:
        size = struct.unpack_from("<Q" if how.get("little") else ">Q", data, 268)[0]
    elif version == 2:
        size = struct.unpack_from(">Q", data, 4108)[0]
    else:
        size = struct.unpack_from(">Q", data, 16 if wide else 12)[0]
    bitmap_at, _, data_at = places(version, size, wide=wide, sector=sector)
    content = {}
    for number in range((size + sector - 1) // sector):
        if data[bitmap_at + number // 8] >> number % 8 & 1:
            at = data_at + number * sector
            content[number] = data[at:at + sector]
    return version, content
