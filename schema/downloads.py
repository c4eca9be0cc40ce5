"""Exports are fetched here: whole or in parts, by whoever asked for them and still may."""

import base64
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from auth import scope
from auth.viewer import Viewer
from models.audit import AuditEntry
from models.errors import Refusal
from models.export import Export, ExportFormat
from models.wall import behind
from resolvers.exports import fetched
from schema.errors import told
from schema.http import answer, doer
from schema.language import translate

STATUS = {"BAD_ID": 400, "NOT_FOUND": 404, "EXPORT_UNREADY": 409}
"""The status of each refusal; what was there once is 410."""

MEDIA = {
    ExportFormat.JSONL: "application/x-ndjson",
    ExportFormat.CSV: "text/csv; charset=utf-8",
    ExportFormat.PARQUET: "application/vnd.apache.parquet",
}


class Downloads:
    """The endpoint; `folder` holds the files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def serve(self, request: Request) -> Response:
        """The file of an export, or the range of it that is asked for; each one is written down."""
        viewer = request.user
        if not isinstance(viewer, Viewer):
            return answer({"errors": [told("UNAUTHENTICATED")]}, 401, www_authenticate="Bearer")
        try:
            async with behind(scope.reach(viewer), change=True):
                export = await fetched(viewer, request.path_params["id"])
                if request.method == "GET":
                    await AuditEntry.add(export.deed("export.fetched"), doer(request, viewer))
        except Refusal as refusal:
            message = translate(refusal.message).format(**refusal.values)
            return answer({"errors": [told(refusal.code, message)]}, STATUS.get(refusal.code, 410))
        path = self._folder / export.file_name
        if not path.is_file():
            return answer({"errors": [told("EXPORT_EXPIRED")]}, 410)
        headers = _headers(export)
        if headers["etag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        name = f"relais-{export.kind.value}-{export.requested_at:%Y-%m-%d}.{export.format.value}"
        return FileResponse(path, headers=headers, media_type=MEDIA[export.format], filename=name)


def _headers(export: Export) -> dict[str, str]:
    digest = base64.b64encode(bytes.fromhex(export.sha256 or "")).decode()
    return {
        "etag": f'"{export.sha256}"',
        "repr-digest": f"sha-256=:{digest}:",
        "cache-control": "private, no-store",
        "x-content-type-options": "nosniff",
    }
