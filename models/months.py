"""Events and the audit trail have months of their own on PostgreSQL; SQLite keeps both whole.

A month of events goes as a whole, once all of it is to be kept no longer. The trail is kept for
good: what is old is no more touched, and can be moved to another disk (docs/scale.md).
"""

from models.sql import Sql, connection, fetch


async def make() -> None:
    """Make the three months to come, where there are none; asked for every hour."""
    if connection().capabilities.dialect != "sqlite":
        await fetch(Sql("SELECT relais_months()"))
