"""Remove files that were uploaded and that no report names."""

from datetime import datetime, timedelta

from tortoise.transactions import in_transaction

from models.attachment import KEPT, Attachment, Folder
from models.report import DocumentReport

SETTLED = timedelta(minutes=10)
"""How old the bytes of a file are at least when they are removed."""


async def remove_unused(folder: Folder, now: datetime) -> int:
    """Remove what was unused a day before `now`; how many files that were."""
    before = now - KEPT
    unused = Attachment.filter(uploaded_at__lt=before, report__id__isnull=True)
    gone = list[str]()
    for key, written in await unused.values_list("id", "sha256"):
        if folder.fresh(written, now - SETTLED):
            continue  # the next time
        async with in_transaction():
            # Whoever names it in a report just now holds it: then it is used.
            held = await Attachment.filter(id=key).select_for_update().first()
            if held is not None and not await DocumentReport.exists(attachment_id=key):
                await held.delete()
                gone.append(held.sha256)
    for sha256 in set(gone):
        if not await Attachment.exists(sha256=sha256):
            folder.remove(sha256)
    folder.sweep(before)
    return len(gone)
