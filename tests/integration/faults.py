"""System calls of the programs under test that fail when the test says so."""
import mmap
import struct

import harness


class Faults:
    """What tests/faults/failing_calls.c reads: struct Order."""
    LAYOUT = struct.Struct("16s64s32siiii")

    def __init__(self, directory):
        self.path = directory / "failing_calls"
        self.path.write_bytes(bytes(self.LAYOUT.size))
        self.path.chmod(0o666)
        with open(self.path, "r+b") as file:
            self.memory = mmap.mmap(file.fileno(), self.LAYOUT.size)

    def order(self, call, error, path="", program="", skip=0, count=1):
        self.clear()
        packed = self.LAYOUT.pack(call.encode(), path.encode(), program.encode(), error, skip, count, 0)
        self.memory[16:] = packed[16:]
        self.memory[:16] = packed[:16]

    def clear(self):
        self.memory[:16] = bytes(16)

    def happened(self):
        """Whether a call failed."""
        *_, skip, count, seen = self.LAYOUT.unpack(self.memory[:])
        return skip < 0


class FaultyTest(harness.MtaTest):
    """`self.mta` is an instance, `self.faults` what fails in its programs."""

    def begin_faults(self, programs):
        library = harness.BIN / "failing_calls.so"
        self.assertTrue(library.exists(), "not built: failing_calls")
        self.faults = Faults(self.mta.directory)
        self.preload(library, programs)

    def preload(self, library, programs):
        """Programs get an environment made for them, and in it what is asked for here only by a word in front."""
        place = self.mta.directory / "bin"
        place.mkdir()
        for program in harness.BIN.iterdir():
            if program.name not in programs:
                (place / program.name).symlink_to(program.resolve())
                continue
            wrapper = place / program.name
            wrapper.write_text(f"#!/bin/sh\nLD_PRELOAD={library} FAILING_CALLS={self.faults.path} exec {program.resolve()} \"$@\"\n")
            wrapper.chmod(0o755)
        tailor = self.mta.tailor
        tailor.write_text(tailor.read_text().replace(f"IMTA_BIN={harness.BIN.resolve()}/", f"IMTA_BIN={place}/"))
