"""Archive packages over HTTP.

Mounted without a transaction around it: signing and stamping must not hold the register.
"""

from typing import Final

from fastapi import APIRouter, Request, Response

from issuance.archive.making import ArchiveServices, make_archive
from issuance.entitlement import signed_in

router = APIRouter(tags=["issuance"])
MEDIA_TYPE: Final = "application/zip"


@router.get(
    "/v1/licences/{licence_id}/archive",
    response_class=Response,
    responses={200: {"content": {MEDIA_TYPE: {}}}},
    summary="导出归档包 · Export the archive package",
)
def export_archive(request: Request, licence_id: str) -> Response:
    """Give one package with the licence and all that its proof needs, for good."""
    services: ArchiveServices = request.app.state.archive
    package = make_archive(
        request.state.writing,
        services,
        licence_id,
        actor=signed_in(request.state.actor),
        at=request.state.at,
    )
    disposition = f'attachment; filename="{licence_id}-archive.zip"'
    return Response(package, media_type=MEDIA_TYPE, headers={"Content-Disposition": disposition})
