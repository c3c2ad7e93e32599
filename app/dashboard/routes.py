"""All routes of the page, and what they need while the service runs."""

from fastapi import APIRouter, FastAPI

from app.dashboard import assets, hours, live, overview_page, people, sign_in, standing, task, tasks
from app.dashboard.live import Live
from app.dashboard.overview import Lookout
from app.reports import Reports
from app.service import Service

router = APIRouter(include_in_schema=False)
for part in (assets, sign_in, overview_page, live, standing, tasks, task, hours, people):
    router.include_router(part.router)


def begin(application: FastAPI, service: Service, reports: Reports) -> None:
    """From now on the page can be watched."""
    application.state.live = Live(service.context.database, Lookout(service, reports))
