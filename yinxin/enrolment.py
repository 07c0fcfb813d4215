"""Enrolment of the running service: its authorities, addresses and keys, plugged in."""

from ca.enrolment.ports import AuditTrail, EnrolmentServices
from ca.escrow.ports import EscrowServices
from ca.keystore import Keystore, Purpose
from ca.revocation_answers.partitions import PartitionedLists
from sealkit.signer import Signer
from yinxin.revocation_answers import RESPONDERS
from yinxin.settings import Environment, Settings
from yinxin.vault import Vault, load_vault, make_development_key


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
        escrow=escrow_vault(settings),
    )


def escrow_services(settings: Settings, audit: AuditTrail) -> EscrowServices:
    """Return what the rules of key recovery are given."""
    return EscrowServices(escrow_vault(settings), audit)


def escrow_vault(settings: Settings) -> Vault | None:
    """Return where encryption keys are kept; None in production without a key for it.

    A key of its own, so that who can read personal data cannot read kept keys.

    Raises:
        MalformedError: if the key file holds anything but a key.
    """
    file = settings.escrow_key_file
    if file is None:
        if settings.environment is Environment.PRODUCTION:
            return None
        file = settings.data_directory / "escrow.key"
        if not file.exists():
            make_development_key(file)
    return load_vault(file)
