"""Remove files that were uploaded and that no report names."""

from datetime import datetime

from tortoise.transactions import in_transaction

from models.attachment import KEPT, Attachment, Folder
from models.report import DocumentReport


async def remove_unused(folder: Folder, now: datetime) -> int:
    """Remove what was unused a day before `now`; how many files that were."""
    before = now - KEPT
    old = await Attachment.filter(uploaded_at__lt=before, report__id__isnull=True).values_list("id")
    gone = list[str]()
    for (key,) in old:
        async with in_transaction():
            # Whoever names it in a report just now holds it: then it is used.
            held = await Attachment.filter(id=key).select_for_update().first()
            if held is not None and not await DocumentReport.exists(attachment_id=key):
                await held.delete()
                gone.append(held.sha256)
    for sha256 in set(gone):
        if not await Attachment.exists(sha256=sha256):
            folder.remove(sha256, before)
    folder.sweep(before)
    return len(gone)
