"""Revocation lists by partition, each a base and a delta (RFC 5280, 5.2.4 to 5.2.6).

* The partition of a certificate is its serial number modulo the number of partitions. Serial
  numbers are random below their top bit, so partitions fill evenly, and nothing is stored.
  The number of partitions is fixed for the life of an authority: certificates name theirs.
* Base and delta are made together, in the transaction that stores them, under one number
  that is one higher than the newest stored. What a crash undoes was never handed out, so
  numbers that were seen only grow.
* A delta adds to the oldest base that has not ended yet, so whoever kept any base of the
  last week needs the delta alone.
* A pair is due when half of its delta's life is over or a revocation is not yet in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from ca import repository
from ca.errors import PartitionsChangedError, UnknownListError
from ca.revocation_answers import repository as answers
from ca.revocation_answers.repository import ListHead, ListPair
from sealkit.asn1.crl import Revocation, build_crl, parse_crl
from sealkit.signer import Signer

BASE_LIFETIME: Final = timedelta(days=7)
DELTA_LIFETIME: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PartitionedLists:
    """The partitions of one authority."""

    authority: str
    """Its name in the register."""
    partitions: int
    """How many; never changed."""
    address: str
    """Where lists are served, such as ``https://…/crl``, without a slash at the end."""

    def partition_of(self, serial: int) -> int:
        """Return the partition that speaks of a certificate, from 0."""
        return serial % self.partitions

    def address_of(self, serial: int) -> str:
        """Return the distribution point that a certificate carries."""
        return self.base_address(self.partition_of(serial))

    def base_address(self, partition: int) -> str:
        """Return the address that certificates of a partition carry as distribution point."""
        return f"{self.address}/{self.authority}/{partition}.crl"

    def delta_address(self, partition: int) -> str:
        """Return where the delta of a partition is served."""
        return f"{self.address}/{self.authority}/{partition}.delta.crl"

    def build_due(self, session: Session, signer: Signer, *, at: datetime) -> tuple[int, ...]:
        """Build the pairs that are due and return their partitions.

        Raises:
            PartitionsChangedError: if stored lists know another number of partitions.
        """
        heads = answers.newest_heads(session, self.authority)
        aged = [head for head in heads.values() if self._is_aged(head, at)]
        listed = sum(head.revoked for head in heads.values())
        total = repository.count_revocations(session, authority=self.authority)
        if len(heads) == self.partitions and not aged and listed == total:
            return ()
        revoked = self._revoked(session)
        built = []
        for partition in range(self.partitions):
            head = heads.get(partition)
            if head is None or head in aged or head.revoked != len(revoked[partition]):
                self._build(session, partition, head, revoked[partition], signer, at)
                built.append(partition)
        return tuple(built)

    def _is_aged(self, head: ListHead, at: datetime) -> bool:
        if head.partitions != self.partitions:
            raise PartitionsChangedError(
                f"{self.authority} has {head.partitions} partitions, not {self.partitions}"
            )
        return at >= head.this_update + DELTA_LIFETIME / 2

    def _revoked(self, session: Session) -> list[dict[int, Revocation]]:
        parts: list[dict[int, Revocation]] = [{} for _ in range(self.partitions)]
        for serial, entry in repository.all_revocations(session, authority=self.authority).items():
            parts[self.partition_of(serial)][serial] = entry
        return parts

    def _build(
        self,
        session: Session,
        partition: int,
        newest: ListHead | None,
        revoked: Mapping[int, Revocation],
        signer: Signer,
        at: datetime,
    ) -> None:
        number = newest.number + 1 if newest else 1
        this_update = at.replace(microsecond=0)
        oldest = answers.oldest_living_pair(session, self.authority, partition, at=this_update)
        # With no base to add to, the delta adds nothing to the base that is made beside it.
        known = parse_crl(oldest.base).revoked if oldest else revoked
        point = self.base_address(partition)
        base = build_crl(
            signer=signer,
            number=number,
            this_update=this_update,
            next_update=this_update + BASE_LIFETIME,
            revoked=revoked,
            distribution_point=point,
            freshest_address=self.delta_address(partition),
        )
        delta = build_crl(
            signer=signer,
            number=number,
            this_update=this_update,
            next_update=this_update + DELTA_LIFETIME,
            revoked={serial: entry for serial, entry in revoked.items() if serial not in known},
            base_number=oldest.number if oldest else number,
            distribution_point=point,
        )
        pair = ListPair(
            number=number,
            partitions=self.partitions,
            this_update=this_update,
            next_update=this_update + BASE_LIFETIME,
            revoked=len(revoked),
            base=base,
            delta=delta,
        )
        answers.add_pair(session, self.authority, partition, pair)
        answers.drop_ended_pairs(session, self.authority, partition, at=this_update)


def stored_pair(session: Session, authority: str, partition: int) -> ListPair:
    """Return the newest base and delta of a partition.

    Raises:
        UnknownListError: if there are none.
    """
    found = answers.newest_pair(session, authority, partition)
    if found is None:
        raise UnknownListError("no revocation list of that partition")
    return found
