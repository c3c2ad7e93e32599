"""The service over HTTP: `uvicorn app.main:app`. Importing it reads no setting and opens nothing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from pydantic import SecretStr

from app.api import deliveries, health
from app.config import Settings, load_settings
from app.context import Context, open_context
from app.core.errors import SyncError
from app.logging_config import configure_logging
from app.scheduler import ticking
from app.service import Service


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application; without settings they are read from the environment when it starts."""

    @asynccontextmanager
    async def lifespan(application: FastAPI) -> AsyncIterator[None]:
        known = settings or load_settings()
        configure_logging(known.log_level or "info", known.log_format)
        async with _opened(application, known) as context:
            service = Service(context, token=_current_token if settings is None else lambda: _given(known))
            application.state.service = service
            async with service.running(), ticking(service, known):
                yield

    application = FastAPI(title="clickup-sync", lifespan=lifespan)
    application.include_router(health.router)
    application.include_router(deliveries.router)
    return application


@asynccontextmanager
async def _opened(application: FastAPI, settings: Settings) -> AsyncIterator[Context]:
    """The adapters; what hinders their opening is kept, for who started the application."""
    try:
        async with open_context(settings) as context:
            yield context
    except SyncError as error:
        application.state.hindrance = str(error)
        raise


def _given(settings: Settings) -> SecretStr:
    return settings.clickup_api_token


def _current_token() -> SecretStr:
    """The token as it is set now: it may have been replaced in `.env`."""
    return load_settings().clickup_api_token


app = create_app()
