"""The answers that every interface gives, a module for each subject. Interfaces use no SQL of their own."""

from app.reports.status import Freshness, Refused, Reports, WorkspaceStatus
from app.reports.sync_status import SyncStatus

__all__ = ["Freshness", "Refused", "Reports", "SyncStatus", "WorkspaceStatus"]
