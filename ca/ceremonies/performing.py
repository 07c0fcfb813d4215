"""Performing a ceremony: the steps in order, each confirmed, recorded and then done.

Everything is made in memory. Whoever calls writes the files, all of them or none, so that a
ceremony that breaks off leaves nothing that could be taken for its result.
"""

from datetime import UTC, datetime

from ca.ceremonies import keys, printed
from ca.ceremonies.ceremony import (
    CEREMONY_CERTIFICATE,
    CLOSING,
    PLAN,
    PRINTED,
    ROOT_CERTIFICATE,
    ROOT_KEYSTORE,
    TRANSCRIPT,
    Ceremony,
    Materials,
    grouped,
)
from ca.ceremonies.certifying import issued, make_sub_ca, prepared_for, read_request, sealed
from ca.ceremonies.closing import Closing, digest_of, sign_closing
from ca.ceremonies.listing import read_list, revoked_with, sign_list
from ca.ceremonies.plan import Kind, Plan
from ca.ceremonies.ports import Room
from ca.errors import CeremonyMaterialError, ConnectedRoomError
from ca.keystores.certificates import DEVELOPMENT_MARK
from ca.keystores.sealed_file import parse_sealed
from ca.profiles import PROFILES
from sealkit.asn1.x509 import Certificate, to_pem
from sealkit.signer import Signer
from sealkit.sm import sm3
from sealkit.sm.sm2 import SM2PrivateKey


def perform(plan: Plan, materials: Materials, room: Room) -> dict[str, bytes]:
    """Perform a ceremony and return the files it leaves, by name.

    Raises:
        ConnectedRoomError: if the machine is connected and this is no rehearsal.
        CeremonyAbortedError: if a person does not agree.
        CeremonyMaterialError: if something brought along is not what it should be.
        ShareError, SealBrokenError: if the root cannot be opened.
        LintError: if a certificate would break its profile.
        InvalidSignatureError: if a request or list is not signed by whom it should be.
        MalformedError: if a request, list or keystore cannot be read.
    """
    ceremony = Ceremony(plan, materials, room)
    _open(ceremony)
    if plan.kind is Kind.ROOT:
        _make_root(ceremony)
    else:
        _use_root(ceremony)
    return ceremony.files


def _open(ceremony: Ceremony) -> None:
    plan, room = ceremony.plan, ceremony.room
    connected = room.connections()
    if connected and not plan.rehearsal:
        raise ConnectedRoomError(connected)
    ceremony.add(PLAN, ceremony.materials.plan)
    ceremony.agree(
        "opened",
        plan.people,
        kind=plan.kind.value,
        region=plan.region,
        mode="rehearsal" if plan.rehearsal else "real",
        plan=grouped(sm3.digest(ceremony.materials.plan)),
        connections=", ".join(connected) or "none",
    )
    told = room.now().astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    ceremony.agree("clock", plan.witnesses[:2], time=told)


def _make_root(ceremony: Ceremony) -> None:
    plan = ceremony.plan
    key = SM2PrivateKey.generate()
    ceremony.note("key_made", key="root", fingerprint=grouped(sm3.digest(key.public_key.spki)))
    prepared = prepared_for(ceremony, PROFILES["root"], key.public_key.spki, plan.subject, None)
    certificate = issued(ceremony, prepared, keys.SelfSigner(key), ROOT_CERTIFICATE)
    ceremony.add(ROOT_KEYSTORE, sealed(ceremony, "root", key, certificate))
    with keys.opened(ceremony.room, ceremony.files[ROOT_KEYSTORE], "root") as signer:
        ceremony.note("key_opened", key="root")
        sign_list(ceremony, signer, number=1, revoked={})
        _close(ceremony, certificate, signer)


def _use_root(ceremony: Ceremony) -> None:
    plan, materials = ceremony.plan, ceremony.materials
    if materials.root_keystore is None:
        raise CeremonyMaterialError("the sealed keystore of the root is missing")
    entries = parse_sealed(materials.root_keystore).entries
    root = next((entry.certificate for entry in entries if entry.name == "root"), None)
    if root is None or not root.is_self_issued:
        raise CeremonyMaterialError("the sealed keystore holds no root")
    if (DEVELOPMENT_MARK in root.subject) is not plan.rehearsal:
        raise CeremonyMaterialError("a rehearsal's root is for rehearsals, a real one is not")
    ceremony.add(ROOT_CERTIFICATE, to_pem(root.der, "CERTIFICATE"))
    ceremony.agree("root_brought", plan.people, fingerprint=grouped(root.fingerprint))
    # Before the root is opened: what cannot be done anyhow is known by then.
    request = read_request(ceremony) if plan.kind is Kind.SUB_CA and plan.request else None
    previous = read_list(ceremony, root) if plan.previous_list else None
    with keys.opened(ceremony.room, materials.root_keystore, "root") as signer:
        ceremony.note("key_opened", key="root")
        if plan.kind is Kind.SUB_CA:
            make_sub_ca(ceremony, root, signer, request)
        elif previous is not None:
            number, revoked = previous
            sign_list(ceremony, signer, number=number + 1, revoked=revoked_with(ceremony, revoked))
        _close(ceremony, root, signer)


def _close(ceremony: Ceremony, root: Certificate, signer: Signer) -> None:
    at = ceremony.room.now()
    subject = _ceremony_subject(root, at)
    own, certificate = keys.ceremony_signer(subject, root, signer, at=at)
    ceremony.add(CEREMONY_CERTIFICATE, to_pem(certificate.der, "CERTIFICATE"))
    ceremony.agree(
        "closed",
        ceremony.plan.people,
        serial=f"{certificate.serial:x}",
        **{f"file_{index}": name for index, name in enumerate(sorted(ceremony.files), 1)},
    )
    recorder = ceremony.recorder
    ceremony.add(TRANSCRIPT, recorder.content)
    ceremony.add(PRINTED, printed.printed(recorder.lines).encode())
    digests = {name: digest_of(content) for name, content in ceremony.files.items()}
    closing = Closing(len(recorder.lines), recorder.lines[-1].digest, digests)
    ceremony.add(CLOSING, sign_closing(closing, own))


def _ceremony_subject(root: Certificate, at: datetime) -> dict[str, str]:
    parts = dict(root.subject_parts)
    mark = f" {DEVELOPMENT_MARK}" if DEVELOPMENT_MARK in root.subject else ""
    name = f"密钥仪式记录 {at:%Y-%m-%d}{mark}"
    return {key: text for key, text in parts.items() if key in ("C", "O")} | {"CN": name}
