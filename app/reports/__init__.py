"""The questions that every face asks. No face writes SQL or computes a figure itself."""

from app.reports.status import Freshness, Refused, Reports, WorkspaceStatus
from app.reports.sync_status import Standing

__all__ = ["Freshness", "Refused", "Reports", "Standing", "WorkspaceStatus"]
