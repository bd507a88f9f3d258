#!/usr/bin/env python3
"""The corpus of messages through header rewriting: test_headers.py HEADER_WALK"""
import subprocess
import sys

import test_mime


def main():
    texts = [text for _, text, _ in test_mime.all_messages()]
    frames = b"".join(b"%d\n%s" % (len(text), text) for text in texts)
    return subprocess.run([sys.argv[1]], input=frames, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
