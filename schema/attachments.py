"""Files that come with reports: taken by POST, given back to whoever may read the report."""

import asyncio
import logging
from pathlib import Path

from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from auth.viewer import Viewer
from models import ids
from models.attachment import MAX_SIZE, Folder, MediaType, Upload
from resolvers import attachments
from schema.asked import BadRequest
from schema.errors import told
from schema.http import answer, doer
from schema.language import translate

log = logging.getLogger("relais")

_ENDINGS = {MediaType.PDF: "pdf", MediaType.PNG: "png", MediaType.JPEG: "jpg"}
_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; sandbox",
    "cross-origin-resource-policy": "same-origin",
    "x-content-type-options": "nosniff",
}


class Attachments:
    """The two addresses of files, which are in a folder that all processes share."""

    def __init__(self, path: Path) -> None:
        self._folder = Folder(path)

    def routes(self, known: Middleware) -> list[Route]:
        """Its addresses; `known` tells who asks."""
        return [
            Route("/attachments", self.take, methods=["POST"], middleware=[known]),
            Route("/attachments/{id}", self.give, methods=["GET"], middleware=[known]),
        ]

    async def take(self, request: Request) -> Response:
        """Keep a file, and say by which id a report may name it."""
        viewer = request.user
        if not isinstance(viewer, Viewer):
            return _unknown()
        try:
            return await self._taken(request, viewer)
        except BadRequest as bad:
            message = translate(bad.message) if bad.message else None
            # What is still on its way is not read: the connection ends here.
            body = {"errors": [told(bad.code, message)]}
            return answer(body, bad.status, connection="close")

    async def give(self, request: Request) -> Response:
        """A file, to be saved and never to be shown by the browser itself."""
        viewer = request.user
        if not isinstance(viewer, Viewer):
            return _unknown()
        try:
            found = await attachments.by_id(viewer, request.path_params["id"])
        except ids.BadId:
            found = None
        if found is None:
            return answer({"errors": [told("NOT_FOUND")]}, 404)
        try:
            content = await asyncio.to_thread(self._folder.read, found.sha256)
        except OSError as error:
            log.error("attachment %s can't be read: %s", found.key, error)  # noqa: TRY400
            return answer({"errors": [told("UNAVAILABLE")]}, 503)
        name = f"attachment-{found.key}.{_ENDINGS[found.media_type]}"
        disposition = {"content-disposition": f'attachment; filename="{name}"'}
        return Response(content, 200, _HEADERS | disposition, found.media_type.value)

    async def _taken(self, request: Request, viewer: Viewer) -> Response:
        if not attachments.may_upload(viewer):
            raise BadRequest(404, "NOT_FOUND")
        if await attachments.crowded(viewer):
            raise BadRequest(429, "ATTACHMENTS_WAITING")
        size, kind, sha256 = await self._stored(request)
        made = await attachments.uploaded(viewer, doer(request, viewer), sha256, kind, size)
        return answer(made, 201)

    async def _stored(self, request: Request) -> tuple[int, MediaType, str]:
        """The body of a request, in its place on the disk. Raises BadRequest."""
        said = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if said not in set(MediaType):
            raise BadRequest(415, "ATTACHMENT_TYPE")
        upload: Upload | None = None
        try:
            upload = await asyncio.to_thread(self._folder.begun)
            async for chunk in request.stream():
                if upload.size + len(chunk) > MAX_SIZE:
                    raise BadRequest(413, "ATTACHMENT_TOO_LARGE")
                await asyncio.to_thread(upload.write, chunk)
            kind = upload.kind
            if kind is None or kind != said:
                raise BadRequest(415, "ATTACHMENT_TYPE")
            return upload.size, kind, await asyncio.to_thread(upload.keep)
        except ClientDisconnect:
            raise BadRequest(400, "BAD_REQUEST", "The body ended too early.") from None
        except OSError as error:
            log.error("an attachment can't be stored: %s", error)  # noqa: TRY400
            raise BadRequest(507, "STORAGE_FULL") from None
        finally:
            if upload is not None:
                await asyncio.to_thread(upload.drop)


def _unknown() -> Response:
    return answer({"errors": [told("UNAUTHENTICATED")]}, 401, www_authenticate="Bearer")
