"""Who has to go when there are too many connections, and how many a process can hold."""

from dataclasses import dataclass, field

import pytest

from app.core.errors import SettingsError
from app.http.connections import ConnectionTracker, HttpLimits, Phase, network_of
from app.http.descriptors import connections_within


@dataclass(eq=False, slots=True)
class Known:
    """A connection in this phase; `ended` says in which it was closed."""

    phase: Phase
    unsent_bytes: int = 0
    ended: list[Phase] = field(default_factory=list)

    @property
    def state(self) -> tuple[Phase, int]:
        return self.phase, 1

    def end(self, phase: Phase) -> None:
        self.ended.append(phase)


def test_an_idle_one_goes_first_and_one_at_work_never() -> None:
    """In the order of the phases; in the same phase the oldest."""
    phases = [Phase.ANSWERING, Phase.BODY, Phase.HEADERS, Phase.HEADERS, Phase.BLOCKED, Phase.IDLE]
    known = [Known(phase) for phase in phases]
    tracker = ConnectionTracker(HttpLimits(connections=len(known)))
    for number, connection in enumerate(known):
        assert tracker.admit(connection, "192.0.2.1", float(number))
    gone = []
    for _ in range(5):
        assert tracker.admit(Known(Phase.ANSWERING), "192.0.2.1", 100.0)
        gone += [index for index, one in enumerate(known) if one.ended and index not in gone]
    assert gone == [5, 4, 2, 3, 1]
    assert not tracker.admit(Known(Phase.ANSWERING), "192.0.2.1", 100.0)
    assert len(tracker) == 6


def test_one_address_makes_room_among_its_own() -> None:
    """An IPv6 customer has a whole network; another address is left alone; loopback has no such bound."""
    tracker = ConnectionTracker(HttpLimits(connections_per_address=2))
    other = Known(Phase.IDLE)
    tracker.admit(other, "2001:db8:0:2::1", 0.0)
    own = [Known(Phase.HEADERS) for _ in range(5)]
    for number, connection in enumerate(own):
        assert tracker.admit(connection, f"2001:db8:0:1::{number}", 1.0 + number)
    assert [bool(one.ended) for one in own] == [True, True, True, False, False]
    assert other.ended == []
    for _ in range(10):
        assert tracker.admit(Known(Phase.ANSWERING), "::ffff:127.0.0.1", 9.0)
    assert len(tracker) == 13


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", None, "", "a socket"]
)
def test_who_speaks_for_everybody_is_not_counted(address: str | None) -> None:
    """A proxy on this machine, and a socket of the file system."""
    assert network_of(address) is None


def test_a_client_that_reads_slowly_is_cut_off_only_when_it_hardly_reads() -> None:
    """Sixteen KiB within the time are enough to go on."""
    tracker = ConnectionTracker(HttpLimits(write_seconds=30))
    slow, stuck = Known(Phase.BLOCKED, 100_000), Known(Phase.BLOCKED, 100_000)
    for one in (slow, stuck):
        tracker.admit(one, None, 0.0)
    for second in range(1, 61):
        slow.unsent_bytes -= 1_000
        tracker.close_overdue(float(second))
    assert (slow.ended, stuck.ended) == ([], [Phase.BLOCKED])


def test_there_are_never_more_connections_than_files() -> None:
    """Beside what the process needs itself."""
    for files in (200, 256, 1_024, 65_536):
        fit = connections_within(files, 104, 512)
        assert 16 <= fit <= 512 and fit + 104 <= files
    assert connections_within(None, 104, 512) == 512
    with pytest.raises(SettingsError, match="may open 110 files and needs 104 for itself"):
        connections_within(110, 104, 512)
