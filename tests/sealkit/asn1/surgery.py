"""Cutting values out of DER and putting others in, lengths kept right."""

from sealkit.asn1 import der, encode


def rebuilt(message, change):
    """The message with the value at each path passed through a function: {path: function}.

    A path counts the children on the way down; () is the whole.
    """

    def visit(element, path):
        if path in change:
            return change[path](element.der)
        if not any(longer[: len(path)] == path for longer in change):
            return element.der
        children = [
            visit(child, (*path, number)) for number, child in enumerate(element.children())
        ]
        return encode.value(element.tag, b"".join(children))

    return visit(der.parse(message), ())


def children(element):
    """The encoded values inside an encoded value."""
    return [child.der for child in der.parse(element).children()]


def all_paths(message):
    """Every value in a message: path and bytes, the whole first."""
    found = [((), message)]
    for path, element in found:
        if element[0] & 0x20:
            found.extend(((*path, number), child) for number, child in enumerate(children(element)))
    return found
