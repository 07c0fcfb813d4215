"""SM2 and SM3 names for asn1crypto, which knows neither.

Importing this module is enough; importing it again changes nothing. pyHanko and
pyhanko-certvalidator look algorithms up by these names:

* ``sm3`` is also the name of the class in `cryptography` (`hashes.SM3`), which they derive
  from the digest's name, and of the digest in `hashlib`.
* asn1crypto's `SignedDigestAlgorithm.hash_algo` and `.signature_algo` hold closed tables and
  raise ValueError for `SM2_SM3_NAME`; both libraries catch that and go on by the name.
* Where several identifiers share a name, the one that we write is the first.
"""

from typing import Any, Final

from asn1crypto.algos import DigestAlgorithmId, HmacAlgorithmId, SignedDigestAlgorithmId
from asn1crypto.cms import ContentInfo, ContentType, SignedData
from asn1crypto.core import OctetString
from asn1crypto.keys import NamedCurve

from sealkit import oids

SM2_SM3_NAME: Final = "sm2_sm3"
"""SM2 with SM3, 1.2.156.10197.1.501, in a `SignedDigestAlgorithm`."""

SM2_NAME: Final = "sm2"
"""SM2-1, 1.2.156.10197.1.301.1, the signature algorithm of GB/T 35275 signer infos."""

SM3_NAME: Final = "sm3"
"""SM3, 1.2.156.10197.1.401, in a `DigestAlgorithm`."""

SM2_CURVE_NAME: Final = "sm2p256v1"
"""The SM2 curve, 1.2.156.10197.1.301, in a `NamedCurve`."""


def _name(identifiers: Any, name: str, *dotted: str) -> None:
    # The library builds its reverse table from the forward one at first use: make it do so,
    # then set ours, so that the first identifier is the one written.
    identifiers.unmap("1.2.3")
    for one in dotted:
        identifiers._map[one] = name  # noqa: SLF001  # the library's own way to extend
    identifiers._reverse_map[name] = dotted[0]  # noqa: SLF001


_name(DigestAlgorithmId, SM3_NAME, oids.SM3, oids.SM3_WITHOUT_KEY)
_name(HmacAlgorithmId, SM3_NAME, oids.HMAC_SM3)
_name(SignedDigestAlgorithmId, SM2_SM3_NAME, oids.SM2_WITH_SM3)
_name(SignedDigestAlgorithmId, SM2_NAME, oids.SM2_SIGNATURE)
_name(ContentType, "gm_data", oids.GM_DATA)
_name(ContentType, "gm_signed_data", oids.GM_SIGNED_DATA)
NamedCurve.register(SM2_CURVE_NAME, oids.SM2_CURVE, 32)
ContentInfo._oid_specs["gm_data"] = OctetString  # noqa: SLF001
ContentInfo._oid_specs["gm_signed_data"] = SignedData  # noqa: SLF001
