"""Counts the events of a capture by kind, and shows its longest wait.

events.py LIBTRACETOOL_SO TRACE
"""

import collections
import ctypes
import sys
from ctypes import POINTER, byref, c_char_p, c_int64, c_size_t, c_uint, c_uint32, c_void_p


class Event(ctypes.Structure):
    _fields_ = [
        ("time", c_int64), ("since", c_int64), ("arg", ctypes.c_uint64), ("arg2", ctypes.c_uint64),
        ("g", c_uint32), ("subject", c_uint32), ("stack", c_uint32), ("name", c_uint32),
        ("since_stack", c_uint32), ("since_name", c_uint32), ("m", ctypes.c_uint16),
        ("p", ctypes.c_uint16), ("kind", ctypes.c_uint8), ("states", ctypes.c_uint8),
        ("flags", ctypes.c_uint8), ("aux", ctypes.c_uint8)]


class Frame(ctypes.Structure):
    _fields_ = [("pc", ctypes.c_uint64), ("line", ctypes.c_uint64), ("function", c_uint32),
                ("file", c_uint32)]


NOT_IN_TRACE = 1 | 64  # OPEN_END, FORETELLS
GO_TRANSITION = 12
WAITING = 4

FUNCTIONS = {  # answer, arguments
    "version": (c_char_p, []),
    "open": (c_void_p, [c_char_p, c_uint]),
    "close": (None, [c_void_p]),
    "error": (c_char_p, [c_void_p]),
    "next": (c_int64, [c_void_p, POINTER(POINTER(Event))]),
    "string": (c_void_p, [c_void_p, c_uint32, POINTER(c_size_t)]),
    "stack": (c_int64, [c_void_p, c_uint32, POINTER(Frame), c_size_t]),
    "faults": (c_int64, [c_void_p]),
    "fault": (c_char_p, [c_void_p, c_size_t, POINTER(c_char_p)]),
    "kind_name": (c_char_p, [c_uint]),
}


def load(path):
    library = ctypes.CDLL(path)
    for name, (answer, arguments) in FUNCTIONS.items():
        function = getattr(library, "tracetool_" + name)
        function.restype, function.argtypes = answer, arguments
        setattr(library, name, function)
    return library


def text(library, reader, string):
    length = c_size_t()
    return ctypes.string_at(library.string(reader, string, byref(length)), length.value).decode()


def frames(library, reader, stack):
    room = (Frame * library.stack(reader, stack, None, 0))()
    library.stack(reader, stack, room, len(room))
    return room


def main(path, trace):
    library = load(path)
    reader = library.open(trace.encode(), 0)
    counts = collections.Counter()
    longest = (0, 0, 0)  # ns, reason, stack
    events = POINTER(Event)()
    while (count := library.next(reader, byref(events))) > 0:
        for event in events[:count]:
            if event.flags & NOT_IN_TRACE:
                continue
            counts[event.kind] += 1
            if event.kind == GO_TRANSITION and event.states >> 4 == WAITING:
                wait = event.time - event.since
                longest = max(longest, (wait, event.since_name, event.since_stack))
    if error := library.error(reader):
        sys.exit(error.decode())
    print("tracetool", library.version().decode())
    for kind, count in sorted(counts.items()):
        print(f"{count:6} {library.kind_name(kind).decode()}")
    wait, reason, stack = longest
    print(f"longest wait: {wait} ns ({text(library, reader, reason)})")
    for frame in frames(library, reader, stack):
        print(f"  {text(library, reader, frame.function)}:{frame.line}")
    for number in range(library.faults(reader)):
        kind = c_char_p()
        fault = library.fault(reader, number, byref(kind))
        print(f"{kind.value.decode()}: {fault.decode()}")
    library.close(reader)


if __name__ == "__main__":
    main(*sys.argv[1:])
