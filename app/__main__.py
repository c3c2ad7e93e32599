"""`python -m app` is `clickup-sync`."""

from app.cli.main import main

main()
