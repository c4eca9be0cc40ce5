"""A client in Python, made by ariadne-codegen: it reads the inbox."""

import asyncio
import os

from made.relais_client import Client


async def main() -> None:
    """Ask, and say what came."""
    headers = {"authorization": f"Bearer {os.environ['RELAIS_TOKEN']}"}
    async with Client(url=os.environ["RELAIS_URL"], headers=headers) as client:
        found = (await client.inbox(first=10)).reviews
    print(f"{found.total_count} reviews to answer")  # noqa: T201  (what it is for)


asyncio.run(main())
