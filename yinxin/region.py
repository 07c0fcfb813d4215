"""The region a service serves: its departments, what they issue, and their seals."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from issuance.ports import Department
from sealkit.check_digits import uscc_problem
from yinxin.settings import SettingsError


@dataclass(frozen=True, slots=True)
class Region:
    """A region (互认地区)."""

    code: str
    name_zh: str
    name_en: str
    departments: Mapping[str, Department]
    """By the short name that the region's file gives them."""


def load_region(code: str) -> Region:
    """Return the region `code`, as ``regions/<code>.toml`` describes it.

    Raises:
        SettingsError: if no file describes it, or the file has a mistake.
    """
    file = files("yinxin").joinpath("regions", f"{code}.toml")
    if not file.is_file():
        raise SettingsError(f"YINXIN_REGION {code}: add yinxin/regions/{code}.toml")
    try:
        members = tomllib.loads(file.read_text("utf-8"))
        departments = dict(_department(entry) for entry in members.pop("departments"))
        region = Region(code=code, departments=departments, **members)
    except (tomllib.TOMLDecodeError, TypeError, KeyError) as error:
        raise SettingsError(f"yinxin/regions/{code}.toml: {error}") from error
    for department in departments.values():
        if problem := uscc_problem(department.code):
            raise SettingsError(f"yinxin/regions/{code}.toml: {department.code}: {problem}")
    return region


def _department(members: dict[str, Any]) -> tuple[str, Department]:
    key = members["key"]
    return key, Department(
        code=members["code"],
        name=members["name"],
        kinds=tuple(members["kinds"]),
        seal_key=f"seal_signer_{key}",
        seal_label=members["seal_label"],
    )
