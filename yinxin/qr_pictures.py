"""A QR symbol as SVG: one path, its quiet zone included, in the page or as its own picture."""

import base64

from markupsafe import Markup

from sealkit.formats.code.qr import QUIET_MODULES, qr_matrix


def qr_svg(code: str) -> Markup:
    """Return the symbol of `code` as an SVG element."""
    matrix = qr_matrix(code)
    side = len(matrix) + 2 * QUIET_MODULES
    path = "".join(
        f"M{x + QUIET_MODULES} {y + QUIET_MODULES}h1v1h-1z"
        for y, row in enumerate(matrix)
        for x, dark in enumerate(row)
        if dark
    )
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" '
        'shape-rendering="crispEdges" aria-hidden="true">'
        '<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path fill="#000" d="{path}"/></svg>'
    ).format(side=side, path=path)


def qr_address(code: str) -> str:
    """Return the symbol of `code` as an address that an image element shows."""
    return f"data:image/svg+xml;base64,{base64.b64encode(qr_svg(code).encode()).decode()}"
