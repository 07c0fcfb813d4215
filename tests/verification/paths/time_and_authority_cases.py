"""Dates at each level, what makes an authority, and how many may follow it."""

from datetime import timedelta

from asn1crypto import core

from tests.sealkit.formats.pdf.authorities import certificate
from tests.verification.paths.chains import AT, CA, extension
from tests.verification.paths.kit import (
    DAY,
    KEYS,
    Path,
    authority,
    case,
    entity,
    three,
)


@case("expired")
def leaf_ended_a_second_ago():
    """RFC 5280, 4.1.2.5: the validity includes both dates, and no second more."""
    return three(leaf=entity(not_after=AT - timedelta(seconds=1)))


@case("ok")
def leaf_ends_now():
    """The last second counts."""
    return three(leaf=entity(not_after=AT))


@case("ok")
def leaf_begins_now():
    """The first second counts."""
    return three(leaf=entity(not_before=AT))


@case("not_yet_valid")
def leaf_begins_in_a_second():
    """Signed with a certificate that is not valid yet."""
    return three(leaf=entity(not_before=AT + timedelta(seconds=1)))


@case("expired")
def authority_ended():
    """The certificate in the middle has run out under a good leaf."""
    return three(sub=authority("sub", "root", not_after=AT - DAY))


@case("not_yet_valid")
def authority_not_begun():
    """The certificate in the middle is of tomorrow."""
    return three(sub=authority("sub", "root", not_before=AT + DAY))


@case("expired")
def anchor_ended():
    """Our profile: a root out of time ends the path, trusted or not."""
    return three(root=authority("root", "root", not_after=AT - DAY))


# Authorities


@case("not_a_ca")
def authority_without_basic_constraints():
    """RFC 5280, 6.1.4 k: who signs certificates says it is a CA."""
    return three(sub=plain_sub())


def plain_sub(**options):
    return certificate("sub", KEYS["sub"], "root", KEYS["root"], **{"usage": CA} | options)


@case("not_a_ca")
def authority_that_says_it_is_none():
    """The flag is there and false."""
    no = extension("basic_constraints", {"ca": False}, critical=True)
    return three(sub=plain_sub(more=[no]))


@case("key_cert_sign_missing")
def authority_that_may_only_list():
    """RFC 5280, 6.1.4 n: the key usage is there and lacks keyCertSign."""
    return three(sub=authority("sub", "root", usage=("crl_sign",)))


@case("unknown_critical_extension")
def critical_extension_nobody_knows_in_the_leaf():
    """RFC 5280, 6.1.5 f."""
    unknown = extension("1.2.3.4.5", core.ParsableOctetString(b"\x05\x00"), critical=True)
    return three(leaf=entity(more=[unknown]))


@case("unknown_critical_extension")
def critical_extension_nobody_knows_in_an_authority():
    """RFC 5280, 6.1.4 o."""
    unknown = extension("1.2.3.4.5", core.ParsableOctetString(b"\x05\x00"), critical=True)
    return three(sub=authority("sub", "root", more=[unknown]))


# Path length


def lengthened(length, *, low_issuer="sub", low="low", low_key="low"):
    """Root → sub (with `length`) → low → leaf."""
    sub = authority("sub", "root", path_length=length)
    below = authority(low, low_issuer, key=low_key)
    return Path(entity(low, by=low_key), (sub, below), (authority("root", "root"),))


@case("path_length")
def one_authority_too_many():
    """RFC 5280, 6.1.4 l: no authority may follow one of length 0."""
    return lengthened(0)


@case("ok")
def as_many_authorities_as_allowed():
    """One may follow one of length 1."""
    return lengthened(1)


@case("ok")
def self_issued_authority_is_not_counted():
    """RFC 5280, 4.2.1.9: a new key of the same authority takes no length."""
    return lengthened(0, low="sub", low_key="low")


@case("path_length")
def longer_length_below_does_not_widen():
    """The shortest length above decides, whatever an authority below allows itself."""
    sub = authority("sub", "root", path_length=0)
    low = authority("low", "sub", path_length=5)
    return Path(entity("low"), (sub, low), (authority("root", "root"),))


@case("path_length")
def length_of_the_anchor_counts():
    """Our profile: what a root says of itself limits it."""
    root = authority("root", "root", path_length=0)
    return Path(entity("sub"), (authority("sub", "root"),), (root,))
