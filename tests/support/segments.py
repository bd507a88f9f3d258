"""Reads the segments of a queue (docs/formats/queue-segment.md), independently of the product."""
import pathlib
import struct

HEADER, SLOTS, MARK, SLOT = 4096, 8192, 8, 128
LIVE = bytes(MARK)


def young_messages(queue):
    """[(name as of a message file, octets)] of the live entries; `queue`: the queue root."""
    found = []
    for path in sorted(pathlib.Path(queue, ".young").glob("*.seg")):
        try:
            octets = path.read_bytes()
        except FileNotFoundError:
            continue
        for number in range(SLOTS):
            begin = HEADER + SLOTS * MARK + number * SLOT
            slot = octets[begin:begin + SLOT]
            if len(slot) < SLOT or not any(slot):
                continue
            offset, size, _hash, _durable, sub, unique, channel = struct.unpack(">QQQIHBB", slot[:32])
            begin = HEADER + number * MARK
            mark = octets[begin:begin + MARK]
            if mark == LIVE:
                name = f"{slot[64:64 + channel].decode()}/{sub:03}/ZZ{slot[32:32 + unique].decode()}.00"
                found.append((name, octets[offset:offset + size]))
    return found


def count_young(queue):
    return len(young_messages(queue))
