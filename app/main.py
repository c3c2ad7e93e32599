"""The HTTP application: `uvicorn app.main:app`. Importing it reads no setting and opens nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from pydantic import SecretStr

from app.api import (
    attention,
    comments,
    daily,
    deliveries,
    digest,
    docs,
    health,
    metrics,
    people,
    places,
    progress,
    runs,
    syncs,
    tasks,
    time,
)
from app.api.access_log import AccessLog
from app.api.response_cache import CacheMiddleware, ResponseCache
from app.config import Settings, load_settings
from app.context import Context, open_context
from app.core.errors import SyncError
from app.dashboard import routes as dashboard
from app.dashboard.errors import HtmlErrorMiddleware
from app.http.auth import AuthMiddleware, Cors, HeadAsGet, describe_keys
from app.http.authenticator import Authenticator
from app.http.body import BodyLimit
from app.http.credentials import CredentialStore
from app.http.long_answers import long_answer_limit
from app.http.problems import PROBLEMS, install_problems
from app.jobs.secret_findings import warn_of_account, warn_of_settings
from app.jobs.service import Service
from app.logging_config import configure_logging
from app.reports import Reports
from app.scheduler import ticking
from app.sql.migrate import known_revisions


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application; without settings they are read from the environment when it starts."""

    @asynccontextmanager
    async def lifespan(application: FastAPI) -> AsyncIterator[None]:
        known = settings or load_settings()
        configure_logging(known.log_level or "info", known.log_format, known.secrets)
        warn_of_account()
        warn_of_settings(known)
        application.state.long_answers = long_answer_limit(known)
        application.state.schema = (await asyncio.to_thread(known_revisions))[-1]
        async with (
            _opened(application, known) as context,
            CredentialStore.open(context.database, known.api_keys) as credentials,
        ):
            application.state.credentials = credentials
            application.state.authenticator = Authenticator(known, credentials)
            service = Service(context, token=_current_token if settings is None else lambda: _given(known))
            application.state.service = service
            application.state.reports = Reports(context.database)
            application.state.answers = ResponseCache(context.database)
            dashboard.begin(application, service, application.state.reports)
            async with service.running(), ticking(service, known):
                yield

    application = FastAPI(title="clickup-sync", lifespan=lifespan, openapi_url=None)
    application.state.metrics = metrics.Metrics()
    application.state.openapi_document = docs.OpenApiDocument(application)
    application.include_router(docs.router)
    application.include_router(health.router)
    application.include_router(deliveries.router)
    application.include_router(metrics.router, responses=PROBLEMS)
    application.include_router(tasks.router)
    for questions in (people, time, attention, progress, digest, comments, places, runs, syncs, daily):
        application.include_router(questions.router)
    application.include_router(dashboard.router)
    _surround(application)
    return application


def _surround(application: FastAPI) -> None:
    """What stands between the caller and the routes; the last that is added is asked first."""
    install_problems(application)
    describe_keys(application)
    for middleware in (
        BodyLimit,
        CacheMiddleware,
        HeadAsGet,
        AuthMiddleware,
        Cors,
        HtmlErrorMiddleware,
        AccessLog,
    ):
        application.add_middleware(middleware)


@asynccontextmanager
async def _opened(application: FastAPI, settings: Settings) -> AsyncIterator[Context]:
    """The adapters; what hinders their opening is kept, for who started the application."""
    try:
        async with open_context(settings) as context:
            yield context
    except SyncError as error:
        application.state.blocked_by = str(error)
        raise


def _given(settings: Settings) -> SecretStr:
    return settings.clickup_api_token


def _current_token() -> SecretStr:
    """The token as it is set now: it may have been replaced in `.env`."""
    return load_settings().clickup_api_token


app = create_app()
