"""The room: a task that turns what arrives into commits. asyncio, but no network."""

from machine_party.room.clock import Clock, LoopClock
from machine_party.room.connection import Connection
from machine_party.room.invocation import Invocation
from machine_party.room.room import Room
from machine_party.room.rooms import Rooms, new_room_id
from machine_party.room.store import Entry, History, RoomKey, RoomRecord, Store, StoredRoom

__all__ = [
    "Clock",
    "Connection",
    "Entry",
    "History",
    "Invocation",
    "LoopClock",
    "Room",
    "RoomKey",
    "RoomRecord",
    "Rooms",
    "Store",
    "StoredRoom",
    "new_room_id",
]
