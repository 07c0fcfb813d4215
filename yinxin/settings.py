"""What an operator can set, read once from the environment (`YINXIN_…`).

Every setting works when absent. In production a setting that must not be left at its
development value stops the start with its name and remedy (`require_production_ready`).
"""

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from ca.timestamp import DEVELOPMENT_POLICY

PROJECT = Path(__file__).resolve().parent.parent
_ObjectIdentifier = Annotated[str, Field(pattern=r"^[0-2](\.(0|[1-9]\d*))+$")]


class Environment(StrEnum):
    """Where the service runs."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class SettingsError(Exception):
    """A setting that must be given, or must not have the value it has."""


class Settings(BaseSettings):
    """The settings of one process, frozen."""

    model_config = SettingsConfigDict(env_prefix="YINXIN_", frozen=True)

    environment: Environment = Environment.DEVELOPMENT
    region: str = Field(default="650000", pattern=r"^\d{6}$")
    """Six-digit code of the region that this service serves."""
    data_directory: Path = Path("var")
    """Database, files and the development vault key."""
    database_url: str | None = None
    """SQLAlchemy address; absent means SQLite in `data_directory`."""
    keys_directory: Path = PROJECT / "keys_dev"
    """Holds one directory of keys for each region."""
    keystore: str = Field(default="files", pattern=r"^(files|sealed|pkcs11|unix:/.{1,100})$")
    """Where the keys are: ``files``, ``sealed``, ``pkcs11`` or ``unix:/path/of/the/signer``."""
    keystore_file: Path | None = None
    """The file of a sealed keystore."""
    keystore_opening_file: Path | None = None
    """Its passphrase, or shares of it, one a line; absent, they are asked for."""
    offline_authorities: Path | None = None
    """Directory with ``root.cert.pem`` and ``root.crl`` as a ceremony leaves them; absent, the
    root's key is in the keystore, as in development."""
    pkcs11_configuration: Path | None = None
    """TOML that describes a cryptographic device."""
    vault_key_file: Path | None = None
    """32 hexadecimal digits; the key that personal data are encrypted under."""
    escrow_key_file: Path | None = None
    """32 hexadecimal digits; the key that encryption keys made for holders are kept under."""
    host: str = "127.0.0.1"
    port: int = 8000
    public_url: str = Field(default="", validate_default=True)
    """What citizens' phones and other regions reach us under; absent, host and port."""
    max_upload_bytes: int = 20 * 1024 * 1024
    max_batch_bytes: int = 2 * 1024 * 1024 * 1024
    """Largest file of applications for batch minting; it is never in memory whole."""
    batch_files_kept_days: int = Field(default=90, ge=1, le=36_500)
    """How long a file of applications is kept after its batch is over; its results stay."""
    pdf_ecdsa_signature: bool = True
    """Add a PAdES signature with ECDSA beside SM2, so that ordinary viewers show it."""
    peers: dict[str, str] = Field(default_factory=dict)
    """Other regions we recognise: six-digit code → public address, no slash at the end."""
    crl_partitions: dict[str, Annotated[int, Field(ge=1, le=4096)]] = Field(
        default_factory=lambda: {"sub_ca": 8}
    )
    """Authority → how many revocation lists it is split into; can never be changed later."""
    time_servers: tuple[str, ...] = ()
    """Time servers (SNTP) to compare the clock with, ``host`` or ``host:port``, best first."""
    timestamp_policy: str = Field(default=DEVELOPMENT_POLICY, pattern=r"^[0-2](\.(0|[1-9]\d*))+$")
    """OID of the policy that timestamps are given under; your own in production."""
    items_directory: Path | None = None
    """TOML files of items of your own; one of the same name replaces one that comes along."""
    glyphs_directory: Path | None = None
    """Pictures of rare characters, ``U+30003.svg``; absent, `glyphs` in `data_directory`."""
    certificate_policies: tuple[_ObjectIdentifier, ...] = ()
    """OIDs of the policies that certificates are issued under; written into each of them."""
    kernel_clock: bool = False
    """Take the kernel's word that its clock is synchronised, as chrony or ntpd tell it."""
    demonstration: bool = False
    """Accept the demonstration accounts and mark pages as demonstration data."""

    @field_validator("public_url")
    @classmethod
    def _address(cls, given: str, info: ValidationInfo) -> str:
        return given.rstrip("/") or f"http://{info.data.get('host')}:{info.data.get('port')}"

    @field_validator("peers")
    @classmethod
    def _peers(cls, given: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        for region, address in given.items():
            if not re.fullmatch(r"[0-9]{6}", region) or region == info.data.get("region"):
                raise ValueError(f"{region}: six digits of another region than ours")
            if not re.fullmatch(r"https?://[^/?#@\s]+[^?#@\s]*", address):
                raise ValueError(f"{region}: an http address without user, query or fragment")
        return {region: address.rstrip("/") for region, address in given.items()}


def require_production_ready(settings: Settings) -> None:
    """Refuse a start without what is needed, and a production start with development leftovers.

    Raises:
        SettingsError: naming the first setting to change and how.
    """
    if settings.keystore == "sealed" and settings.keystore_file is None:
        raise SettingsError("YINXIN_KEYSTORE_FILE is absent: name the file of the sealed keystore")
    if settings.keystore == "pkcs11" and settings.pkcs11_configuration is None:
        raise SettingsError("YINXIN_PKCS11_CONFIGURATION is absent: describe the device")
    if settings.environment is not Environment.PRODUCTION:
        return
    if settings.demonstration:
        raise SettingsError("YINXIN_DEMONSTRATION is on: unset it in production")
    if settings.vault_key_file is None:
        raise SettingsError("YINXIN_VAULT_KEY_FILE is absent: name the file of the vault key")
    if settings.keystore == "files":
        raise SettingsError("YINXIN_KEYSTORE is files: name a signer, a device or a sealed one")
    if not settings.time_servers and not settings.kernel_clock:
        raise SettingsError("YINXIN_TIME_SERVERS is empty: name them, or set YINXIN_KERNEL_CLOCK")
    if not settings.public_url.startswith("https://"):
        raise SettingsError("YINXIN_PUBLIC_URL is not https: give the public address")
    if not all(address.startswith("https://") for address in settings.peers.values()):
        raise SettingsError("YINXIN_PEERS has an address that is not https: give https ones")
