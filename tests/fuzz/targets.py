"""Every way in for foreign bytes, in one table.

To add a parser: write a function under `@target(the_parser, refuses=(…))` in the module below
that it belongs to, with a docstring that says what it reads; put one good input or more into
``tests/fuzz/make_seeds.py`` and run it for that target
(``.venv/bin/python tests/fuzz/make_seeds.py NAME``). The function takes bytes and does with
them what the service does: reads, then uses what it read. It may raise `MalformedError` and
what `refuses` names; everything else is a finding.

| module | what it covers |
| --- | --- |
| archives | archive packages |
| ceremonies | plans, transcripts and closing notes of key ceremonies |
| signed_structures | DER: certificates, lists, messages, timestamps, seals, requests |
| codes_and_tokens | CBOR, codes, tokens, receipts, records, notes, numbers, expressions |
| status_statements | what is said of states beside the list itself |
| envelopes | SM2 encryption, key envelopes, what certificates say of their holders |
| documents | OFD, PDF, pictures, trust material, whole verdicts |
| keys_and_frames | keystores, the signer's frames, batches, pictures, other regions' mirrors |
"""

from tests.fuzz import (  # noqa: F401  # importing registers the targets
    archives,
    ceremonies,
    codes_and_tokens,
    documents,
    envelopes,
    keys_and_frames,
    signed_structures,
    status_statements,
)
from tests.fuzz.target import TARGETS

__all__ = ["TARGETS"]
