"""Remove files that were uploaded and that no report names."""

from datetime import datetime

from tortoise.transactions import in_transaction

from models.attachment import KEPT, Attachment, Folder


async def remove_unused(folder: Folder, now: datetime) -> int:
    """Remove what was unused a day before `now`; how many files that were."""
    before = now - KEPT
    old = await Attachment.filter(uploaded_at__lt=before, report=None).values_list("id", flat=True)
    gone = set[str]()
    for key in old:
        async with in_transaction():
            # Whoever names it in a report just now holds it: then it is used.
            held = await Attachment.filter(id=key).select_for_update().first()
            if held is not None and not await Attachment.exists(id=key, report__not=None):
                await held.delete()
                gone.add(held.sha256)
    for sha256 in gone:
        if not await Attachment.exists(sha256=sha256):
            folder.remove(sha256, before)
    folder.sweep(before)
    return len(gone)
