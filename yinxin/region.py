"""The region a service serves: its departments, what they issue, and their seals."""

import tomllib
from dataclasses import dataclass
from importlib.resources import files

from sealkit.check_digits import uscc_problem
from yinxin.settings import SettingsError


@dataclass(frozen=True, slots=True)
class Department:
    """One issuer (颁发机构)."""

    key: str
    """Short name; its seal's key is called ``seal_signer_<key>``."""
    code: str
    """USCC."""
    name: str
    kinds: tuple[str, ...]
    """Names of the kinds it may issue."""
    seal_label: str
    """Words across the foot of its seal."""

    @property
    def signer_name(self) -> str:
        """Name of its seal's key in the keystore."""
        return f"seal_signer_{self.key}"


@dataclass(frozen=True, slots=True)
class Region:
    """A region (互认地区)."""

    code: str
    name_zh: str
    name_en: str
    departments: tuple[Department, ...]

    def department(self, key: str) -> Department:
        """Return the department called `key`."""
        return next(entry for entry in self.departments if entry.key == key)


def load_region(code: str) -> Region:
    """Return the region `code`.

    Raises:
        SettingsError: if no file describes it, or the file has a mistake.
    """
    file = files("yinxin").joinpath("regions", f"{code}.toml")
    if not file.is_file():
        raise SettingsError(f"YINXIN_REGION {code}: add yinxin/regions/{code}.toml")
    try:
        members = tomllib.loads(file.read_text("utf-8"))
        departments = tuple(
            Department(**entry | {"kinds": tuple(entry["kinds"])})
            for entry in members.pop("departments")
        )
        region = Region(code=code, departments=departments, **members)
    except (tomllib.TOMLDecodeError, TypeError, KeyError) as error:
        raise SettingsError(f"yinxin/regions/{code}.toml: {error}") from error
    for department in departments:
        if problem := uscc_problem(department.code):
            raise SettingsError(f"yinxin/regions/{code}.toml: {department.code}: {problem}")
    return region
