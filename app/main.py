"""The HTTP application: `uvicorn app.main:app`. Importing it reads no setting and opens nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Literal

from fastapi import Depends, FastAPI

from app.api import (
    attention,
    changes,
    comments,
    daily,
    deliveries,
    digest,
    docs,
    flow,
    health,
    jobs,
    metrics,
    oauth,
    people,
    places,
    progress,
    runs,
    syncs,
    tasks,
    time,
    workspaces,
)
from app.api.access_log import record_request, security_headers
from app.api.openapi import describe_api, operation_id
from app.api.response_cache import CacheMiddleware, ResponseCache
from app.config import Settings, load_settings
from app.context import open_database
from app.core.errors import SyncError
from app.dashboard import oauth as oauth_callback
from app.dashboard import routes as dashboard
from app.dashboard.errors import HtmlErrorMiddleware
from app.http.auth import AuthMiddleware, Cors, HeadAsGet, describe_keys
from app.http.authenticator import Authenticator
from app.http.body import BodyLimit
from app.http.credentials import CredentialStore
from app.http.long_answers import long_answer_limit
from app.http.problems import PROBLEMS, install_problems
from app.http.request_log import RequestLog
from app.http.validation import refuse_unknown_parameters
from app.jobs.queue import JobQueue
from app.jobs.secret_findings import warn_of_account, warn_of_settings
from app.jobs.service import Service
from app.jobs.worker import Worker, WorkerOptions
from app.jobs.worker_process import worker_process
from app.logging_config import configure_logging
from app.reports import Reports
from app.sql.migrate import known_revisions
from app.supabase_db import Database

WorkerPlace = Literal["process", "here", "none"]


def create_app(settings: Settings | None = None, worker: WorkerPlace | None = None) -> FastAPI:
    """The application; without settings they are read from the environment when it starts.

    `worker`: where syncs are done: in a process of its own, which reads the environment too (the default), in
    this one (the default with settings that are given), or by others.
    """
    place = worker or ("here" if settings else "process")

    @asynccontextmanager
    async def lifespan(application: FastAPI) -> AsyncIterator[None]:
        known = settings or load_settings()
        configure_logging(known.log_level or "info", known.log_format, known.secrets)
        warn_of_account()
        warn_of_settings(known)
        application.state.long_answers = long_answer_limit(known)
        application.state.schema = (await asyncio.to_thread(known_revisions))[-1]
        async with (
            _opened(application, known) as database,
            CredentialStore.open(database, known.api_keys) as credentials,
        ):
            application.state.credentials = credentials
            application.state.authenticator = Authenticator(known, credentials)
            service = Service(known, database, await JobQueue.open(database))
            application.state.service = service
            application.state.reports = Reports(database)
            application.state.answers = ResponseCache(database)
            dashboard.begin(application, service, application.state.reports)
            async with service.running(), _working(place, known, database):
                yield

    application = FastAPI(
        title="clickup-sync",
        description="Reads a mirror of ClickUp in PostgreSQL. Only a sync changes anything.",
        version=version("clickup-sync"),
        lifespan=lifespan,
        openapi_url=None,
        generate_unique_id_function=operation_id,
    )
    application.state.metrics = metrics.Metrics()
    application.state.openapi_document = docs.OpenApiDocument(application)
    application.include_router(docs.router)
    # ClickUp decides what its deliveries carry, and a browser that it sends back.
    application.include_router(deliveries.router)
    application.include_router(oauth_callback.router)
    strict = [Depends(refuse_unknown_parameters)]
    application.include_router(metrics.router, responses=PROBLEMS, dependencies=strict)
    for part in (
        health,
        tasks,
        people,
        time,
        attention,
        progress,
        flow,
        digest,
        comments,
        changes,
        places,
        runs,
        jobs,
        syncs,
        daily,
        workspaces,
        oauth,
    ):
        application.include_router(part.router, dependencies=strict)
    application.include_router(dashboard.router, dependencies=strict)
    _surround(application)
    return application


def _surround(application: FastAPI) -> None:
    """What stands between the caller and the routes; the last that is added is asked first."""
    install_problems(application)
    describe_keys(application)
    describe_api(application)
    for middleware in (
        BodyLimit,
        CacheMiddleware,
        HeadAsGet,
        AuthMiddleware,
        Cors,
        HtmlErrorMiddleware,
    ):
        application.add_middleware(middleware)
    application.add_middleware(RequestLog, record=record_request, headers=security_headers)


@asynccontextmanager
async def _opened(application: FastAPI, settings: Settings) -> AsyncIterator[Database]:
    """The database; what hinders its opening is kept, for who started the application."""
    try:
        async with open_database(settings) as database:
            yield database
    except SyncError as error:
        application.state.blocked_by = str(error)
        raise


@asynccontextmanager
async def _working(place: WorkerPlace, settings: Settings, database: Database) -> AsyncIterator[None]:
    """Syncs are done within."""
    if place == "none":
        yield
    elif place == "process":
        async with worker_process():
            yield
    else:
        async with Worker.running(settings, database, WorkerOptions()):
            yield


app = create_app()
