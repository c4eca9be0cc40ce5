"""The databases as Tortoise opens them, made to hold when something goes wrong (decision 0033).

A transaction gives back what it took, whenever it is cut off. Nobody waits for a connection
without end. A database that is away, full or takes no changes raises DBConnectionError or OSError.

Tortoise finds how tables are changed by the names of the modules.
"""
