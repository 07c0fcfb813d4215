"""Enrolment of the running service: its authorities, addresses and keys, plugged in."""

from ca.enrolment.ports import AuditTrail, EnrolmentServices
from ca.keystore import Keystore, Purpose
from ca.revocation_answers.partitions import PartitionedLists
from sealkit.signer import Signer
from yinxin.revocation_answers import RESPONDERS
from yinxin.settings import Settings


def enrolment_services(
    settings: Settings, keystore: Keystore, audit: AuditTrail
) -> EnrolmentServices:
    """Return what the rules of enrolment are given."""
    partitioned = {
        name: PartitionedLists(name, count, f"{settings.public_url}/crl")
        for name, count in settings.crl_partitions.items()
    }

    def signer(authority: str) -> Signer:
        return keystore.signer(authority, Purpose.CERTIFICATE)

    def crl_address(authority: str, serial: int) -> str:
        lists = partitioned.get(authority)
        if lists is not None:
            return lists.address_of(serial)
        return f"{settings.public_url}/crl/{authority}.crl"

    def ocsp_address(authority: str) -> str | None:
        return f"{settings.public_url}/ocsp" if authority in RESPONDERS else None

    return EnrolmentServices(
        certificate=keystore.certificate,
        signer=signer,
        crl_address=crl_address,
        ocsp_address=ocsp_address,
        policies=settings.certificate_policies,
        audit=audit,
    )
