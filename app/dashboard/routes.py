"""All routes of the page, and what they need while the service runs."""

import asyncio

from fastapi import APIRouter, FastAPI

from app.dashboard import (
    activity,
    assets,
    freshness,
    hours,
    live,
    overview_page,
    people,
    sign_in,
    task,
    tasks,
    workspaces,
)
from app.dashboard.live import LiveWorkspaces
from app.dashboard.templating import load_templates
from app.jobs.service import Service
from app.reports import Reports

router = APIRouter(include_in_schema=False)
for part in (
    assets,
    sign_in,
    overview_page,
    live,
    freshness,
    tasks,
    task,
    hours,
    activity,
    people,
    workspaces,
):
    router.include_router(part.router)


def begin(application: FastAPI, service: Service, reports: Reports) -> None:
    """From now on the page can be watched; what it is made of is read beside what else begins."""
    asyncio.get_running_loop().run_in_executor(None, load_templates)
    application.state.live = LiveWorkspaces(service, reports)
