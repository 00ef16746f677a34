"""The machine and its views. Pure: no I/O, no clock, no randomness of its own, no async def."""

from machine_party.core.access import AuthRequest, Grant
from machine_party.core.actor import Actor
from machine_party.core.batch import BatchResult, run_batch
from machine_party.core.cause import (
    Cause,
    Extended,
    InvokeEnded,
    Joined,
    Kicked,
    Paused,
    Postponed,
    PresenceChanged,
    Restored,
    Resumed,
    Sent,
    TimerFired,
    Unkicked,
)
from machine_party.core.diff import diff, same
from machine_party.core.event import ClientEvent, Emit
from machine_party.core.machine import Machine
from machine_party.core.member import Member, Presence, stranger
from machine_party.core.name import clean_name
from machine_party.core.party import Party
from machine_party.core.projection import Projection, project_own, project_shared
from machine_party.core.snapshot import Snapshot
from machine_party.core.state import HistoryState, State
from machine_party.core.step import Emission, Step
from machine_party.core.timer import Timer, Waiting
from machine_party.core.typescript import party_types
from machine_party.core.view import ChildView, View

__all__ = [
    "Actor",
    "AuthRequest",
    "BatchResult",
    "Cause",
    "ChildView",
    "ClientEvent",
    "Emission",
    "Emit",
    "Extended",
    "Grant",
    "HistoryState",
    "InvokeEnded",
    "Joined",
    "Kicked",
    "Machine",
    "Member",
    "Party",
    "Paused",
    "Postponed",
    "Presence",
    "PresenceChanged",
    "Projection",
    "Restored",
    "Resumed",
    "Sent",
    "Snapshot",
    "State",
    "Step",
    "Timer",
    "TimerFired",
    "Unkicked",
    "View",
    "Waiting",
    "clean_name",
    "diff",
    "party_types",
    "project_own",
    "project_shared",
    "run_batch",
    "same",
    "stranger",
]
