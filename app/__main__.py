"""`python -m app` runs the command `clickup-sync`."""

from app.cli.main import main

main()
