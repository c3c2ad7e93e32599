"""What the application's lifespan opened, for the routes."""

from fastapi import Request

from app.service import Service


def service_of(request: Request) -> Service:
    """The running service."""
    service: Service = request.app.state.service
    return service
