"""What exports hold, by kind."""

from resolvers.exported_events import EVENTS
from resolvers.exported_experiences import OPEN_DATA
from resolvers.exported_figures import STATISTICS
from resolvers.exported_reports import REPORTS
from resolvers.exported_reviews import REPLIES, REVIEWS
from resolvers.exporting import Source
from resolvers.names import ExportKind

SOURCES: dict[ExportKind, Source] = {
    ExportKind.REVIEWS: REVIEWS,
    ExportKind.REPLIES: REPLIES,
    ExportKind.REPORTS: REPORTS,
    ExportKind.STATISTICS: STATISTICS,
    ExportKind.EVENTS: EVENTS,
    ExportKind.OPEN_DATA: OPEN_DATA,
}
