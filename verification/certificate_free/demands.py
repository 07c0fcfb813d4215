"""Is an expression one that can be judged: its names exist, its arguments are what they must be.

Checked once, when the catalogue is read, so that judging never meets a surprise.
"""

from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches

from verification.certificate_free.expressions import Argument, Call, Day, FieldName, Number, Text
from verification.certificate_free.judging import CONNECTIVES
from verification.certificate_free.predicates import PREDICATES, Predicate, Want

Mistake = tuple[int, str]
"""Position in the expression, and what to do about it."""

_DATE_TYPES = frozenset({"date", "datetime"})
_CLASSES = {Want.NUMBER: Number, Want.DAY: Day, Want.TEXT: Text, Want.ROLE: Text}


def demand_mistakes(
    expression: Call, *, roles: Collection[str], fields: Mapping[str, str] | None
) -> Iterator[Mistake]:
    """Find every mistake of names and arguments.

    `roles` are the parties of the item; `fields` are the kind's fields and their types, None
    when nobody here knows the kind.
    """
    for call in expression.calls():
        if call.name in CONNECTIVES:
            yield from _connective_mistakes(call)
        elif call.name not in PREDICATES:
            near = get_close_matches(call.name, [*PREDICATES, *CONNECTIVES], 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            yield call.position, f"there is no predicate {call.name}{hint}"
        else:
            yield from _predicate_mistakes(call, PREDICATES[call.name], roles, fields)


def _connective_mistakes(call: Call) -> Iterator[Mistake]:
    if not all(isinstance(argument, Call) for argument in call.arguments):
        yield call.position, f"give {call.name} predicates only"
    elif not call.arguments or (call.name == "not" and len(call.arguments) != 1):
        count = "one predicate" if call.name == "not" else "at least one predicate"
        yield call.position, f"give {call.name} {count}"


def _predicate_mistakes(
    call: Call, predicate: Predicate, roles: Collection[str], fields: Mapping[str, str] | None
) -> Iterator[Mistake]:
    wants = list(predicate.wants)
    more = len(call.arguments) - len(wants)
    if more > 0 and predicate.repeats:
        wants += [wants[-1]] * more
    elif more == 1 and predicate.optional:
        wants.append(predicate.optional)
    elif more:
        usual = ", ".join(want.value for want in wants) or "nothing"
        also = f", and perhaps {predicate.optional.value}" if predicate.optional else ""
        yield call.position, f"give {call.name}: {usual}{also}"
        return
    for argument, want in zip(call.arguments, wants, strict=True):
        if remedy := _remedy(argument, want, roles, fields):
            yield call.position, f"{call.name}: {remedy}"


def _remedy(
    argument: Argument, want: Want, roles: Collection[str], fields: Mapping[str, str] | None
) -> str | None:
    if want in (Want.FIELD, Want.DATE_FIELD):
        return _field_remedy(argument, want, fields)
    if not isinstance(argument, _CLASSES[want]):
        return f"{argument} must be {want.value}"
    if want is Want.ROLE and isinstance(argument, Text) and argument.value not in roles:
        return f"the item has no party {argument}"
    return None


def _field_remedy(argument: Argument, want: Want, fields: Mapping[str, str] | None) -> str | None:
    if not isinstance(argument, FieldName):
        return f"{argument} must be {want.value}"
    if fields is None:
        return None
    if argument.name not in fields:
        near = get_close_matches(argument.name, list(fields), 1)
        return f"the kind has no field {argument.name}" + (f"; is it {near[0]}?" if near else "")
    if want is Want.DATE_FIELD and fields[argument.name] not in _DATE_TYPES:
        return f"the field {argument.name} holds no day"
    return None
