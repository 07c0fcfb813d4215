"""Keeping other regions' trust material: fetched through TUF, kept on disk, used offline.

The update client of python-tuf decides; it refuses a forged list, an older one than it has
seen, a mixture of two, and one whose timestamp has run out. It reads the machine's clock.
When a mirror does not answer, the last good material stays in use and says how old it is.
"""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from tuf.api.exceptions import DownloadError, DownloadHTTPError, RepositoryError
from tuf.ngclient import FetcherInterface, Updater, UpdaterConfig

from mutual_recognition import tuf_keys
from mutual_recognition.errors import TrustListError, TrustListUnreachableError
from sealkit.errors import MalformedError
from verification.trust import MAX_TRUST_BYTES, RegionTrust

Mirror = Callable[[str], bytes | None]
"""Path below the mirror → content; None when it has no such file; OSError when silent."""

_MIRROR: Final = "mirror:"
_PLAIN_NAME: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,99}")
_REGISTERED = tuf_keys.KEY_TYPE  # importing the module is what teaches TUF about SM2


class _MirrorFetcher(FetcherInterface):
    def __init__(self, mirror: Mirror) -> None:
        self._mirror = mirror

    def _fetch(self, url: str) -> Iterator[bytes]:
        path = url.removeprefix(f"{_MIRROR}/")
        try:
            content = self._mirror(path)
        except OSError as error:
            raise DownloadError(f"mirror gave no answer for {path}") from error
        if content is None:
            raise DownloadHTTPError(f"mirror has no {path}", 404)
        yield content


class RegionStore:
    """The trust material of one other region, below `directory`."""

    def __init__(self, directory: Path, root: bytes, *, region: str) -> None:
        """Trust `root`, the first root metadata of `region`, received by hand.

        Material that names another region is refused, so that no region can vouch in the
        name of another.
        """
        self._root = root
        self._region = region
        self._folder = directory
        self._metadata = directory / "metadata"
        self._targets = directory / "targets"
        for folder in (self._metadata, self._targets):
            folder.mkdir(parents=True, exist_ok=True)

    def refresh(self, mirror: Mirror) -> RegionTrust:
        """Fetch the newest trust list and return its material.

        Raises:
            TrustListUnreachableError: if the mirror gave no answer; `last_good` may help.
            TrustListError: if what it gave must not be trusted.
        """
        updater = Updater(
            str(self._metadata),
            f"{_MIRROR}/metadata/",
            str(self._targets),
            f"{_MIRROR}/targets/",
            fetcher=_MirrorFetcher(mirror),
            config=UpdaterConfig(max_root_rotations=64, targets_max_length=MAX_TRUST_BYTES),
            bootstrap=self._root,
        )
        try:
            updater.refresh()
            files = self._download(updater)
            trust = self._material(files)
        except DownloadError as error:
            raise TrustListUnreachableError(str(error)) from error
        except (RepositoryError, MalformedError, ValueError) as error:
            raise TrustListError(str(error)) from error
        self._keep(files)
        return trust

    def last_good(self) -> RegionTrust | None:
        """Return the material of the last refresh that held, or None.

        Raises:
            TrustListError: if what is kept was damaged on disk.
        """
        kept = {file.name: file.read_bytes() for file in self._kept().glob("*")}
        try:
            return self._material(kept) if kept else None
        except MalformedError as error:
            raise TrustListError(f"kept material: {error}") from error

    def _material(self, files: dict[str, bytes]) -> RegionTrust:
        trust = RegionTrust.from_files(files)
        if trust.region != self._region:
            raise TrustListError("the material names another region")
        return trust

    def _download(self, updater: Updater) -> dict[str, bytes]:
        names = updater._trusted_set.targets.targets  # noqa: SLF001  # no public listing
        files: dict[str, bytes] = {}
        for name in names:
            if not _PLAIN_NAME.fullmatch(name):
                continue  # it would be a path, and none of ours is
            info = updater.get_targetinfo(name)
            if info is not None:
                files[name] = Path(updater.download_target(info)).read_bytes()
        return files

    def _kept(self) -> Path:
        """Return where the last good material is, also when keeping newer was cut short."""
        place, former = self._folder / "kept", self._folder / "kept.former"
        return former if former.is_dir() and not place.is_dir() else place

    def _keep(self, files: dict[str, bytes]) -> None:
        """Replace the kept material as a whole: never a mixture of two lists."""
        place, former = self._folder / "kept", self._folder / "kept.former"
        unfinished = self._folder / "kept.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir()
        for name, content in files.items():
            (unfinished / name).write_bytes(content)
        if place.is_dir():
            shutil.rmtree(former, ignore_errors=True)
            place.replace(former)
        unfinished.replace(place)
        shutil.rmtree(former, ignore_errors=True)
