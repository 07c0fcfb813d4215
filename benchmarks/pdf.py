"""One PDF licence minted and verified, beside pyHanko's own validator on the same file.

pyHanko is given what it needs to judge the same two signatures (SM2, our root, our
revocation lists) and forgets answers between calls. It does less: no record, no seal rules,
no status list, no authority.
"""

from io import BytesIO
from itertools import cycle

from asn1crypto.crl import CertificateList
from asn1crypto.x509 import Certificate
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from benchmarks import material
from benchmarks.ofd import show_shares
from benchmarks.timing import console
from verification.report import Verdict
from verification.sm2_validator import SignatureMemory, SM2SignatureValidator


def run() -> None:
    """Print rates and shares."""
    document = material.must_be(Verdict.VALID, material.mint_pdf())
    queue, same_queue = cycle(material.queue_of("pdf")), cycle(material.queue_of("pdf"))
    _, ours, theirs = show_shares(
        f"PDF licence of one page, {len(document) / 1024:.0f} KB",
        {
            "mint and sign": material.mint_pdf,
            "verify(), another holder each time": lambda: material.judged(next(queue)),
            "pyHanko's validator, the same queue": lambda: judged_by_pyhanko(next(same_queue)),
        },
    )
    ratio = ours.per_second / theirs.per_second
    console.print(f"verify(): {ratio:.2f} times the rate of pyHanko's validator")


def judged_by_pyhanko(document: bytes) -> int:
    """Validate every signature of `document` with pyHanko alone; return how many have a timestamp.

    Raises:
        AssertionError: if it does not call one of them valid and trusted.
    """
    stamped = 0
    for found in PdfFileReader(BytesIO(document)).embedded_signatures:
        status = validate_pdf_signature(found, signer_validation_context=_context())
        if not status.bottom_line:
            raise AssertionError(status.summary())
        stamped += status.timestamp_validity is not None
    return stamped


def _context() -> ValidationContext:
    (region,) = material.trust().regions
    return ValidationContext(
        trust_roots=[Certificate.load(der) for der in region.anchors],
        other_certs=[Certificate.load(der) for der in region.intermediates],
        crls=[CertificateList.load(der) for der in region.crls],
        moment=material.AT,
        allow_fetching=False,
        signature_validator=SM2SignatureValidator(SignatureMemory(0)),
    )
