"""Bouncy Castle for Java behind pipes: started once, asked by lines.

The Java side is `bouncy_castle/Peer.java`; its answers are ``ok``, ``no`` (it judged and
refuses) and ``error`` (it could not read, or cannot judge).
"""

import base64
import shutil
import subprocess
from datetime import datetime
from pathlib import Path

JARS = [Path("/usr/share/java") / f"{name}.jar" for name in ("bcprov", "bcpkix", "bcutil")]
SOURCES = Path(__file__).parent / "bouncy_castle"


class RefusedError(Exception):
    """The peer judged, and the answer is no."""


class CannotJudgeError(Exception):
    """The peer could not read what it was given, or does not know the algorithm."""


def missing():
    """What is not installed; empty when the peer can be had."""
    programs = [name for name in ("java", "javac") if shutil.which(name) is None]
    return programs + [jar.name for jar in JARS if not jar.exists()]


def argument(value):
    if isinstance(value, datetime):
        value = value.isoformat().replace("+00:00", "Z")
    if not isinstance(value, bytes):
        value = str(value).encode()
    return base64.b64encode(value).decode() if value else "="


class BouncyCastle:
    """The virtual machine and its two pipes."""

    def __init__(self, folder):
        path = ":".join(map(str, JARS))
        sources = sorted(map(str, SOURCES.glob("*.java")))
        subprocess.run(["javac", "-cp", path, "-d", str(folder), *sources], check=True)
        self.process = subprocess.Popen(
            ["java", "-XX:TieredStopAtLevel=1", "-Xmx256m", "-cp", f"{folder}:{path}", "Peer"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.version = " ".join(value.decode() for value in self.ask("version"))

    def ask(self, command, *arguments):
        """Return the values of the answer; raise `RefusedError` or `CannotJudgeError`."""
        self.process.stdin.write(" ".join([command, *map(argument, arguments)]) + "\n")
        self.process.stdin.flush()
        word, *values = self.process.stdout.readline().split()
        found = [b"" if value == "=" else base64.b64decode(value) for value in values]
        if word == "ok":
            return found
        raise {"no": RefusedError, "error": CannotJudgeError}[word](found[0].decode())

    def refuses(self, command, *arguments):
        """Whether the answer is anything but yes."""
        try:
            self.ask(command, *arguments)
        except (RefusedError, CannotJudgeError):
            return True
        return False

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()
