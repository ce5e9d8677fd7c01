"""Read members of zip archives, also those compressed by Zstandard, which ``zipfile`` supports from Python 3.14.

Sizes are limited, since a small file can unpack to any size.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from pathlib import Path
from typing import IO

from apps_plus.errors import InputError

MEMBER_LIMIT = 1 << 28
"""Most bytes of one member, unpacked: 256 MiB."""
TOTAL_LIMIT = 1 << 33
"""Most bytes of all members that are read, unpacked: 8 GiB."""

_ZSTANDARD = 93
_LOCAL_HEADER = struct.Struct("<4s22xHH")


class Archive:
    """A zip archive that is open for reading."""

    def __init__(self, path: Path, unpacked: IO[bytes] | None = None) -> None:
        """Open the zip, or the unpacked content of a gzip file. Raises InputError if it is damaged or not a zip."""
        self.path = path
        self._total = 0
        try:
            self._zip = zipfile.ZipFile(unpacked or path)
        except (zipfile.BadZipFile, EOFError, ValueError, struct.error, NotImplementedError) as error:
            raise InputError(f"cannot read {path}: its zip data is damaged or cut off ({error})") from error
        except OSError as error:
            raise InputError(f"cannot read {path}: {error.strerror or error}") from error

    def names(self) -> list[str]:
        """Return the names of the files, in order."""
        return list(dict.fromkeys(info.filename for info in self._zip.infolist() if not info.is_dir()))

    def read(self, name: str) -> bytes:
        """Return the content of a member. Raises InputError if it is damaged, encrypted or too large."""
        info = self._zip.getinfo(name)
        where = f"{self.path}: {name}"
        self._check_size(where, info.file_size)
        if info.flag_bits & 1:
            raise InputError(f"{where} is encrypted: unpack the zip and give what is in it")
        try:
            data = self._unpacked(info)
        except ImportError as error:
            raise InputError(f"{where} is compressed by Zstandard: install pyarrow to read it") from error
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            OSError,
            ValueError,
            struct.error,
            NotImplementedError,
        ) as error:
            raise InputError(f"cannot read {where}: its data is damaged ({error})") from error
        if len(data) != info.file_size or zlib.crc32(data) != info.CRC:
            raise InputError(f"cannot read {where}: its data is damaged (its size or checksum differs)")
        return data

    def _check_size(self, where: str, size: int) -> None:
        self._total += size
        if size > MEMBER_LIMIT:
            raise InputError(f"{where} unpacks to {size:,} bytes, more than the {MEMBER_LIMIT:,} that are read")
        if self._total > TOTAL_LIMIT:
            raise InputError(f"{self.path} unpacks to more than the {TOTAL_LIMIT:,} bytes that are read")

    def _unpacked(self, info: zipfile.ZipInfo) -> bytes:
        """Unpack a member, at most one byte more than its header states, so that a wrong size is detected."""
        if info.compress_type == _ZSTANDARD:
            return _unzstd(self._raw(info), info.file_size + 1)
        with self._zip.open(info) as member:
            return member.read(info.file_size + 1)

    def _raw(self, info: zipfile.ZipInfo) -> bytes:
        """Return the compressed bytes of a member."""
        file: IO[bytes] | None = self._zip.fp
        assert file is not None, "the archive is open"
        file.seek(info.header_offset)
        signature, name_length, extra_length = _LOCAL_HEADER.unpack(file.read(_LOCAL_HEADER.size))
        if signature != b"PK\x03\x04":
            raise zipfile.BadZipFile("no local header at the offset in the directory")
        file.seek(name_length + extra_length, 1)
        data = file.read(info.compress_size)
        if len(data) < info.compress_size:
            raise EOFError("the file is cut off")
        return data

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()


def _unzstd(data: bytes, limit: int) -> bytes:
    """Unpack Zstandard, at most ``limit`` bytes, with pyarrow, which ``datasets`` requires."""
    import pyarrow as pa

    with pa.CompressedInputStream(pa.BufferReader(data), "zstd") as stream:
        unpacked: bytes = stream.read(limit)
    return unpacked
