"""The questions that every face asks. No face writes SQL or computes a figure itself."""

from app.reports.standing import Standing
from app.reports.status import Freshness, Refused, Reports, WorkspaceStatus

__all__ = ["Freshness", "Refused", "Reports", "Standing", "WorkspaceStatus"]
