"""What the cases of path rules are made of: authorities, leaves, and a list to stand in.

All SM2, no lists, purpose ``any``, so that other implementations can be asked the same.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.sealkit.formats.pdf.authorities import SM2Key, certificate
from tests.verification.paths.chains import AT, CA, SIGN, extension

KEYS = {name: SM2Key() for name in "root sub low leaf other bridge".split()}
DAY = timedelta(days=1)
POLICY, OTHER_POLICY, ANY_POLICY = "1.2.156.3005.9.1", "1.2.156.3005.9.2", "2.5.29.32.0"


@dataclass(frozen=True)
class Path:
    leaf: bytes
    intermediates: tuple[bytes, ...]
    anchors: tuple[bytes, ...]
    at: datetime = AT


@dataclass(frozen=True)
class Case:
    name: str
    reason: str
    build: Callable[[], Path]


CASES: list[Case] = []


def case(reason):
    """Register a path with the reason code it must end with."""

    def register(build):
        CASES.append(Case(build.__name__, reason, build))
        return build

    return register


def authority(name, issuer, *, more=(), path_length=None, key=None, by=None, **options):
    limits = {"ca": True} | ({} if path_length is None else {"path_len_constraint": path_length})
    extensions = [extension("basic_constraints", limits, critical=True), *more]
    return certificate(
        name,
        KEYS[key or name],
        issuer,
        KEYS[by or issuer],
        **{"usage": CA, "more": extensions} | options,
    )


def entity(issuer="sub", name="leaf", *, by=None, **options):
    return certificate(name, KEYS["leaf"], issuer, KEYS[by or issuer], **{"usage": SIGN} | options)


def three(*, leaf=None, sub=None, root=None, **more):
    return Path(
        leaf or entity(),
        (sub or authority("sub", "root"),),
        (root or authority("root", "root"),),
        **more,
    )
