"""Each way in for foreign bytes gives a value or its own refusal, and none was forgotten."""

import functools
import importlib
import inspect
import pkgutil
import re
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz import targets
from tests.fuzz.target import SEEDS
from tests.fuzz.targets import TARGETS

MUTATIONS = 60
"""Of each kind for each target, spread over its first seeds."""
KEPT_BYTES = 3_000_000
PACKAGES = ("sealkit", "verification", "mutual_recognition", "ca", "issuance", "yinxin")
READER = re.compile(r"(parse|read|decode|open|unwrap|unpack|detect|load|from)(_.*)?")
NOT_FOREIGN = {
    "sealkit.sm.backend.load_private": "our own key",
    "sealkit.sm.sm2.SM2PublicKey.from_spki": "reached by every certificate",
    "mutual_recognition.tuf_keys.SM2Key.from_point": "our own key",
}
"""Readers that need no target of their own, and why."""

each_target = pytest.mark.parametrize("name", TARGETS)


def spread(inputs, number):
    """Return about `number` of the inputs, evenly spread."""
    inputs = list(inputs)
    return inputs[:: max(1, len(inputs) // number)]


def first_seeds(name):
    files = sorted(SEEDS.joinpath(name).glob("*"))
    return [file.read_bytes() for file in files if not file.name.startswith("learned-")]


def flipped(octets, place, bit):
    changed = bytearray(octets)
    changed[place] ^= 1 << bit
    return bytes(changed)


def forget_results():
    """Empty the caches of the house: what is answered from one is read by nobody."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in PACKAGES:
            for value in vars(module).values():
                if isinstance(value, functools._lru_cache_wrapper):
                    value.cache_clear()


@each_target
def test_every_seed_gives_a_value_or_a_refusal(name):
    assert TARGETS[name].seeds, f"put a good input for {name} into tests/fuzz/make_seeds.py"
    for seed in TARGETS[name].seeds:
        TARGETS[name].answer(seed)


@each_target
def test_what_a_target_stands_for_is_reached_from_its_seeds(name):
    wanted = {reader.__code__ for reader in TARGETS[name].reads}
    forget_results()
    reached = set()
    before = sys.getprofile()
    sys.setprofile(
        lambda frame, event, _arg: reached.add(frame.f_code) if event == "call" else None
    )
    try:
        for seed in first_seeds(name):
            TARGETS[name].answer(seed)
    finally:
        sys.setprofile(before)
    assert wanted <= reached


@each_target
def test_a_cut_gives_a_value_or_a_refusal(name):
    cuts = [(seed, end) for seed in first_seeds(name) for end in range(len(seed))]
    for seed, end in spread(cuts, MUTATIONS):
        TARGETS[name].answer(seed[:end])


@each_target
def test_a_flipped_bit_gives_a_value_or_a_refusal(name):
    places = [(seed, place) for seed in first_seeds(name) for place in range(len(seed))]
    for number, (seed, place) in enumerate(spread(places, MUTATIONS)):
        TARGETS[name].answer(flipped(seed, place, number % 8))


edits = st.lists(
    st.tuples(st.integers(0, 1 << 20), st.integers(0, 8), st.binary(max_size=8)),
    min_size=1,
    max_size=4,
)


@each_target
@given(seed=st.integers(0, 1 << 20), changes=edits)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_change_of_a_seed_gives_a_value_or_a_refusal(name, seed, changes):
    seeds = first_seeds(name)
    octets = seeds[seed % len(seeds)]
    for place, length, fragment in changes:
        start = place % (len(octets) + 1)
        octets = octets[:start] + fragment + octets[start + length :]
    TARGETS[name].answer(octets)


def readers():
    """Yield name and function of everything that is called like a reader and takes bytes."""
    for package in map(importlib.import_module, PACKAGES):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            module = importlib.import_module(found.name)
            yield from _readers_in(module, found.name, module)


def _readers_in(holder, place, module):
    for name, value in vars(holder).items():
        function = getattr(value, "__func__", value)
        if inspect.isclass(value) and value.__module__ == module.__name__ and holder is module:
            yield from _readers_in(value, f"{place}.{name}", module)
        elif (
            inspect.isfunction(function)
            and function.__module__ == module.__name__
            and READER.fullmatch(name)
            and _takes_bytes(function, holder is not module)
        ):
            yield f"{place}.{name}", function


def _takes_bytes(function, is_method):
    parameters = list(inspect.signature(function).parameters.values())[is_method:]
    first = str(parameters[0].annotation) if parameters else ""
    return bool(re.search(r"\bbytes\b", first)) and "Callable" not in first


def test_no_parser_was_forgotten():
    known = {reader.__code__ for target in TARGETS.values() for reader in target.reads}
    forgotten = [
        name
        for name, function in readers()
        if function.__code__ not in known and name not in NOT_FOREIGN
    ]
    assert not forgotten, f"no target reads with {forgotten}.\n{targets.__doc__}"


def test_what_needs_no_target_is_still_there():
    assert NOT_FOREIGN.keys() <= {name for name, _ in readers()}


def test_seeds_belong_to_targets_and_are_few():
    assert {folder.name for folder in SEEDS.iterdir()} == TARGETS.keys()
    assert sum(file.stat().st_size for file in SEEDS.glob("*/*")) < KEPT_BYTES
