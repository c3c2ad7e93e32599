"""Property-based tests fail by what they find, never because the machine is slow."""

from hypothesis import HealthCheck, settings


def test_no_deadline_and_no_check_of_the_speed() -> None:
    """As every test has it that says nothing else."""
    assert settings().deadline is None
    assert HealthCheck.too_slow in settings().suppress_health_check
