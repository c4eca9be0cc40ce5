"""What this process counts and times, for whoever runs it: docs/operation.md says what to do of it.

Labels are the service's own words (routes, fields at the root, codes), never a caller's: there is
an end to them, and nobody's name is among them.
"""

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics

disable_created_metrics()  # type: ignore[no-untyped-call]  # it has no types

QUICK = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
LONG = (0.01, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 1800.0)
"""Bounds of seconds: of what somebody waits for, and of work without a request."""

REQUESTS = Counter(
    "relais_http_requests", "Requests that were answered.", ("route", "method", "status")
)
REQUEST_SECONDS = Histogram(
    "relais_http_request_seconds",
    "Until a request began its answer.",
    ("route",),
    buckets=QUICK,
)
IN_FLIGHT = Gauge("relais_http_requests_in_flight", "Requests that are being answered.")

OPERATIONS = Counter(
    "relais_operations",
    "GraphQL operations, by what became of them: ok, refused, unavailable or fault.",
    ("operation", "kind", "outcome"),
)
OPERATION_SECONDS = Histogram(
    "relais_operation_seconds",
    "Until the request of an operation began to be answered.",
    ("operation", "kind"),
    buckets=QUICK,
)
FOLLOWERS = Gauge("relais_followers", "Connections and subscriptions that are open.", ("what",))
FAULTS = Counter("relais_faults", "Faults of the service itself, each with an id in the log.")
UNAVAILABLE = Counter("relais_unavailable", "Answers that the database was away, or full.")

AUDIT_FAILURES = Counter(
    "relais_audit_failures", "Changes that were not made: the audit trail could not be written."
)
CACHE = Counter(
    "relais_cache_requests",
    "Values looked for in the cache that processes share, or in that of this process: hit, miss or"
    " away.",
    ("cache", "kind", "outcome"),
)
POOL_WAITS = Counter("relais_pool_waits", "Transactions that waited for their turn at the pool.")
POOL_EXHAUSTED = Counter("relais_pool_exhausted", "Transactions that waited in vain.")
REPLICA_READS = Counter(
    "relais_replica_reads",
    "Queries that a replica was to answer: answers, behind, away or failed; but for the first,"
    " another one or PostgreSQL itself answered.",
    ("outcome",),
)

TASKS = Counter(
    "relais_tasks", "Tasks that were taken up: done, again, failed or lost.", ("kind", "outcome")
)
TASK_SECONDS = Histogram(
    "relais_task_seconds", "How long a task was in hand.", ("kind",), buckets=LONG
)
DELIVERIES = Counter(
    "relais_deliveries",
    "Attempts to deliver to a webhook: delivered, or what was in the way.",
    ("outcome",),
)
