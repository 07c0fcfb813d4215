"""Write the first seeds: one sound input or more for each target.

``.venv/bin/python tests/fuzz/make_seeds.py [NAME …]`` writes those of the targets named, or
of all that have none; what fuzzing added later lies beside them and stays.
"""

import base64
import json
import sys
from datetime import date, timedelta
from functools import cache
from pathlib import Path

HERE, ROOT = Path(__file__).resolve().parent, Path(__file__).resolve().parents[2]
sys.path[:] = [str(ROOT), *(entry for entry in sys.path if Path(entry or ".").resolve() != HERE)]

# ruff: noqa: E402  # found only by the path above when this is run as a file

from ca.keystores import sealing
from ca.keystores.remote.wire import to_frame
from ca.keystores.shares import split
from issuance.pictures import kept_form
from mutual_recognition.trust_list import TrustListKeys, make_root
from sealkit import (
    receipt,
    status_chain,
    status_day,
    status_delta,
    status_list,
    status_list_jwt,
    status_slip,
)
from sealkit.asn1 import certificate_builder, cms, encode, ocsp, tsp, x509
from sealkit.asn1.certification_request import build_request
from sealkit.asn1.crl import Revocation
from sealkit.asn1.extensions import build_extension
from sealkit.checkpoint import Checkpoint, sign_checkpoint
from sealkit.formats.code import base45, container
from sealkit.formats.code.qr import qr_png
from sealkit.formats.ofd.container import read_package
from sealkit.formats.pdf.signatures import read_signatures
from sealkit.jwk import to_jwk
from sealkit.log_leaf import Event, LeafOpening, LogLeaf, commitment
from sealkit.merkle import leaf_hash
from sealkit.sm import sm3
from sealkit.sm.signature import to_der
from sealkit.tlog_proof import HEADER, TLogProof
from tests.ca.ceremonies.room import ROOT_PLAN, hold
from tests.ca.keystores.material import PASSPHRASE, plain_keys
from tests.ca.keystores.messages import messages
from tests.conformance.instants import AT, SIGNED
from tests.conformance.ofd_builder import make_seal
from tests.conformance.world import STATUS_URI, unsigned_pdf, xinjiang
from tests.fuzz import archives, made_inputs
from tests.fuzz.codes_and_tokens import as_token
from tests.fuzz.envelopes import envelope_seeds
from tests.fuzz.keys_and_frames import _published
from tests.fuzz.signed_structures import KEY
from tests.fuzz.target import SEEDS
from tests.fuzz.targets import TARGETS
from tests.sealkit.asn1.ses import products
from verification.bundle import build_bundle

WORLD = xinjiang()
SIGNER = WORLD.signer("seal_signer_market")


@cache
def first_seeds():
    """Return inputs by name, by target."""
    return (
        _structures() | _texts() | _status_statements() | _documents() | _house() | envelope_seeds()
    )


def _structures():
    certificate = WORLD.der("seal_signer_market")
    parsed = x509.parse_certificate(certificate)
    asked = tsp.build_request(sm3.digest(b"message"), nonce=7, policy="1.2.3")
    stamper = WORLD.signer("timestamp")
    stamped = tsp.build_response(
        tsp.parse_request(asked), serial=9, at=AT, policy="1.2.3", signer=stamper
    )
    issuer = x509.parse_certificate(WORLD.der("sub_ca"))
    identifier = ocsp.certificate_id(issuer, parsed.serial)
    answers = [
        ocsp.Answer(identifier, ocsp.GOOD),
        ocsp.Answer(ocsp.certificate_id(issuer, 5, "sha1"), Revocation(AT, 1)),
    ]
    answered = ocsp.build_response(
        answers, signer=WORLD.signer("ocsp"), at=AT, next_update=AT + timedelta(days=1)
    )
    seal_v1 = products.seal_v1(WORLD.signer("seal_maker"), products.info_v1(certificate))
    used_v1 = products.signature_v1(SIGNER, seal_v1)
    v4 = make_seal(WORLD)
    used = read_package(WORLD.sound_ofd).entries["Doc_0/Signs/Sign_0/SignedValue.dat"]
    crl = WORLD.crl(revoked={parsed.serial: Revocation(AT, 1), 5: Revocation(AT, 6)})
    certificates = {name: WORLD.der(name) for name in ("root", "sub_ca", "timestamp_ecdsa", "ocsp")}
    chain = b"".join(x509.to_pem(der, "CERTIFICATE") for der in certificates.values())
    extensions = encode.sequence(
        build_extension("2.5.29.15", encode.octet_string(b"usage"), critical=True),
        build_extension("1.2.3.4", encode.null()),
    )
    request = build_request(certificate_builder.name({"C": "CN", "CN": "专用章"}), KEY)
    plain = cms.sign(b"content", SIGNER, at=AT)
    gm = cms.sign(b"content", SIGNER, at=AT, gm=True, with_attributes=False)
    every = {"certificate": certificate, "crl": crl, "seal": v4, "message": plain}
    return {
        "der_value": every | {"request": request},
        "certificate": certificates | {"leaf": certificate},
        "pem_file": {"chain": chain},
        "distinguished_name": {"subject": parsed.subject_der},
        "certificate_extensions": {"sound": extensions},
        "revocation_list": {"revoked": crl, "empty": WORLD.crl("root")},
        "path_material": {"certificate": certificate, "crl": crl},
        "certificate_request": {"sound": request},
        "signed_message": {"cms": plain, "gm": gm},
        "timestamp_request": {"sound": asked},
        "timestamp_response": {
            "granted": stamped,
            "refused": tsp.build_refusal(tsp.Status.REJECTION, tsp.Failure.BAD_REQUEST, "no"),
        },
        "timestamp_token": {"sound": tsp.parse_response(stamped).token.der},
        "status_request": {"nonce": ocsp.build_request([identifier], nonce=b"12345678")},
        "status_response": {"answer": answered},
        "seal": {"v4": v4, "v1": seal_v1},
        "seal_signature": {"v4": used, "v1": used_v1},
        "sm2_signature": {"sound": to_der(KEY.sign(b"message"))},
    }


def _texts():
    code = WORLD.sound_code.encode()
    packed = base45.decode(WORLD.sound_code[len(container.PREFIX) :])
    message = container.unwrap(WORLD.sound_code)
    status = WORLD.sound_status.token(STATUS_URI)
    committed = commitment(bytes(32), bytes(32))
    leaf = LogLeaf(Event.ISSUED, KEY.public_key.kid, "100", 500_000, committed)
    entry = leaf.to_cbor()
    opening = LeafOpening(entry, bytes(32)).to_cbor()
    tree = Checkpoint("log.example/1", 1, leaf_hash(entry))
    checkpoint = sign_checkpoint(tree, WORLD.signer("log"))
    proof = TLogProof(0, (), checkpoint, opening).to_bytes()
    assert proof.startswith(HEADER.encode())
    told = receipt.Receipt(
        "C1", "650000", "item", "N1", "9165", "consent", "met",
        (receipt.RequirementAnswer("age", "met"),),
        (receipt.Evidence("1.2.156", "valid", 0, "00" * 32, 7),),
        AT,
    )  # fmt: skip
    token = receipt.build_receipt(told, WORLD.signer("receipt"))
    payload = token.split(".")[1]
    members = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    items = sorted((ROOT / "verification/certificate_free/items").glob("*.toml"))
    return {
        "cbor_item": {"cose": message[1:], "leaf": entry},
        "cose_message": {"code": message, "status": status},
        "code_claims": {"sound": made_inputs.payload(message)},
        "base45_text": {"code": code[4:]},
        "licence_code": {"sound": code},
        "packed_code": {"preset": packed, "plain": message},
        "status_token": {"sound": status},
        "packed_statuses": {"four": b"\x04" + status_list.StatusList(1024).pack()},
        "receipt_token": {
            "stranger": token.encode(),
            "own": as_token(members, receipt.TYP).encode(),
        },
        "receipt_members": {"sound": members},
        "licence_record": {"sound": WORLD.record.to_json()},
        "log_checkpoint": {"sound": checkpoint.to_bytes()},
        "note": {"sound": checkpoint.to_bytes()},
        "log_proof": {"sound": proof},
        "log_entry": {"sound": entry},
        "log_opening": {"sound": opening},
        "licence_identifier": {"sound": WORLD.record.identifier.encode()},
        "json_web_key": {"sound": json.dumps(to_jwk(KEY.public_key)).encode()},
        "printed_numbers": {"uscc": b"91650100MA00000000", "citizen": b"650105199003152019"},
        "expression": {
            "age": b"age_over(born, 18)",
            "any": b'any_of(holder_is(), date_before(valid_until, today+30), equals(name, "x"))',
        },
        "item_file": {file.stem: file.read_bytes() for file in items[:3]},
        "quantity": {
            "chinese": "壹佰万元整".encode(),
            "digits": "1,234.50万元".encode(),
            "area": "建筑面积89.50平方米/使用面积70㎡".encode(),
        },
    }


def _status_statements():
    statuses = status_list.StatusList(16)
    named = {"uri": STATUS_URI, "signer": SIGNER, "at": AT, "ttl": 600}
    ends = AT + timedelta(days=1)
    jwt = status_list_jwt.build_jwt(statuses, expires_at=ends, version=3, **named)
    payload = jwt.split(".")[1]
    changes = {1: 1, 9: 2, 10: 2}
    delta = status_delta.build_delta(statuses, changes, versions=(3, 6), expires_at=ends, **named)
    whole = status_list.build_token(statuses, version=3, **named)
    slip = status_slip.build_slip(WORLD.record.status, 2, signer=SIGNER, at=AT)
    frozen = status_day.build_day(
        statuses, uri=STATUS_URI, day=date(2026, 11, 22), version=3, signer=SIGNER, at=AT
    )
    return {
        "status_change": {"sound": delta},
        "followed_status": {"sound": status_chain.join(whole, delta), "alone": whole},
        "slip": {"sound": slip.encode()},
        "packed_slip": {"sound": base45.decode(slip.removeprefix(status_slip.PREFIX))},
        "frozen_status": {"sound": frozen},
        "status_jwt": {"sound": jwt.encode()},
        "status_jwt_members": {
            "sound": base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
        },
    }


def _documents():
    trust = WORLD.region_trust
    files = trust.to_files()
    own = {name: files[name] for name in ("root.pem", "chain.pem", "crl.der", "trust.json")}
    entries = dict(read_package(WORLD.sound_ofd).entries)
    singles = {
        name.replace("/", "_"): bytes((number,)) + content
        for number, (name, content) in enumerate(entries.items())
        if len(content) < 8000
    }
    xml = {name: octets[1:] for name, octets in singles.items() if name.endswith(".xml")}
    bare = unsigned_pdf({"licence.json": WORLD.record.to_json()})
    picture = qr_png(WORLD.sound_code, module_pixels=3)
    bundle = build_bundle((trust,), {}, {}, signer=WORLD.signer("trust_bundle"), at=AT)
    packed = base45.decode(WORLD.sound_code[len(container.PREFIX) :])
    return {
        "ofd_package": {"sound": WORLD.sound_ofd},
        "ofd_entry": singles,
        "ofd_xml": xml,
        "pdf_file": {"sound": WORLD.sound_pdf, "unsigned": bare},
        "pdf_contents": {"sound": WORLD.sound_pdf, "unsigned": bare},
        "pdf_message": {"sound": read_signatures(WORLD.sound_pdf)[0].cms_der},
        "photo": {"code.png": picture, "code.jpg": made_inputs.jpeg(picture)},
        "copy_note": {"sound": made_inputs.note().to_json()},
        "trust_bundle": {"sound": base64.b64decode(json.loads(bundle)["body"])},
        "trust_document": {"sound": files["trust.json"]},
        "trust_directory": {"sound": b"\n--\n".join(own.values())},
        "verdict": {
            "ofd": WORLD.sound_ofd,
            "pdf": WORLD.sound_pdf,
            "code": WORLD.sound_code.encode(),
            "photo": picture,
            "identifier": WORLD.record.identifier.encode(),
        },
        "verdict_on_ofd": singles,
        "verdict_beside_code": {"sound": WORLD.sound_code.encode()},
        "verdict_on_code": {"sound": packed},
    }


def _house():
    keys = sealing.seal(plain_keys("log"), sealing.passphrase_from(PASSPHRASE))
    block = x509.pem_to_der(keys, "ENCRYPTED PRIVATE KEY")
    frame = to_frame(
        {"do": "sign", "id": bytes(16), "key": "log", "purpose": "log", "message": b"message"}
    )
    names = sorted(WORLD.keys.names())
    signed = {
        f"{name}_{number}": bytes((names.index(name),)) + message
        for number, (name, _purpose, message) in enumerate(messages())
    }
    roots = tuple(WORLD.signer(f"trust_root_{number}") for number in (1, 2, 3))
    trust = TrustListKeys(roots, WORLD.signer("trust_targets"), WORLD.signer("trust_online"))
    root = make_root(trust, version=2, at=SIGNED)
    photograph = made_inputs.jpeg(qr_png("PHOTOGRAPH", module_pixels=4))
    kept = kept_form(base64.b64encode(photograph).decode())
    line = {
        "caller": "", "key": "log", "outcome": "signed", "previous": "00" * 32, "sequence": 1,
    }  # fmt: skip
    rows = "名称,holder1.name,holder1.code\n甲公司,甲,91650100MA00000000\n".encode()
    workbook = made_inputs.workbook(
        [["名称", "holder1.name"], ["甲公司", "甲"], [date(2026, 11, 2), 7]]
    )
    row = {"fields": {"org_name": "甲"}, "holders": [{"name": "甲", "code": "9"}]}
    stamp = (1_795_000_000 + 2_208_988_800).to_bytes(4) + bytes(4)
    outline = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="{}"/></svg>'
    strokes = "M1 1h6v1H1zM4 2c0-1 3 0 3 2s-1 3-2 2 0-4-1-4Q1 5 3 7T4 2Z"
    return {
        "glyph_picture": {"svg": outline.format(strokes).encode(), "png": made_inputs.glyph_png()},
        "sealed_keystore": {"passphrase": keys},
        "encrypted_key": {"sound": block},
        "private_key": {
            "sm2": made_inputs.plain("log"),
            "ecdsa": made_inputs.plain("timestamp_ecdsa"),
        },
        "key_shares": {"two": "\n".join(split(2, 3).shares[:2]).encode()},
        "signer_frames": {"sign": frame, "list": to_frame({"do": "list"}) + frame},
        "message_to_sign": signed,
        "use_log_line": {"line": json.dumps(line, separators=(",", ":")).encode() + b"\n"},
        **_ceremony(),
        "archive_package": {"sound": archives.sound()},
        "archive_manifest": {"sound": read_package(archives.sound()).entries["manifest.json"]},
        "tile_path": {"full": b"0/x001/000", "partial": b"entries/005.p/17"},
        "batch_ndjson": {"two": (json.dumps(row).encode() + b"\n") * 2},
        "batch_csv": {"utf8": rows, "gb18030": rows.decode().encode("gb18030")},
        "batch_workbook": {"sound": workbook},
        "batch_workbook_entry": {
            name.replace("/", "_").replace("[", "").replace("]", ""): bytes((number,)) + content
            for number, (name, content) in enumerate(made_inputs.unpacked(workbook).items())
        },
        "sent_picture": {"jpeg": photograph, "png": qr_png("PHOTOGRAPH", module_pixels=4)},
        "sent_picture_text": {"kept": kept.encode()[:900]},
        "seen_log": {"sound": b'{"origin":"log.example","size":3,"root":"' + b"00" * 32 + b'"}'},
        "log_mirror": {"one": b"\x01\x00\x05entry", "two": b"\x02\x00\x01a\x00\x01b"},
        "region_mirror": {
            "root": b"\0" + json.dumps(json.loads(root)["signed"]).encode(),
            **{name: bytes((n,)) + _signed_part(name) for n, name in enumerate(_ROLES, start=1)},
            "whole": b"\x80" + root,
        },
        "next_root": {"second": root},
        "time_answer": {"plain": b"\x24\x02" + bytes(22) + bytes(8) + stamp + stamp},
        "upload_form": {
            "file": made_inputs.form(b'name="file"; filename="a"'),
            "text": made_inputs.form(b'name="text"'),
            "json": b'\0{"text":"CL1:A"}',
        },
    }


def _ceremony():
    held = hold(ROOT_PLAN)
    return {
        "ceremony_plan": {"root": ROOT_PLAN.encode()},
        "ceremony_transcript": {"root": held.files["transcript.jsonl"]},
        "ceremony_closing": {"root": held.files["transcript.note"]},
    }


_ROLES = ("timestamp.json", "1.snapshot.json", "1.targets.json")


def _signed_part(name):
    return json.dumps(json.loads(_published()[1][f"metadata/{name}"])["signed"]).encode()


def main(names):
    """Write seeds."""
    for name in names or TARGETS:
        folder = SEEDS / name
        if not names and folder.is_dir():
            continue
        made = first_seeds().get(name)
        if made is None:
            print(f"no first seed for {name}: add it to make_seeds.py")
            continue
        folder.mkdir(parents=True, exist_ok=True)
        for seed, octets in made.items():
            (folder / seed).write_bytes(octets)


if __name__ == "__main__":
    main(sys.argv[1:])
