/* Go execution traces from C, and from what can call C: the events of a capture, in order.
 *
 *   tracetool_reader* reader = tracetool_open("trace.out", 0);
 *   const tracetool_event* events;
 *   int64_t count;
 *   while ((count = tracetool_next(reader, &events)) > 0) ...
 *   if (tracetool_error(reader) != NULL) ...
 *   tracetool_close(reader);
 *
 * Ownership. A reader is closed by whoever opened it. All else that is handed out belongs to the
 * reader and is never freed by the caller. Events and messages stay until the next tracetool_next()
 * or the close, all other texts until the close; names and the version for ever.
 *
 * Threads. Several readers may be used at once. One reader may be used by one thread at a time, and
 * by another one later. A reader reads ahead on threads of its own, which hold all signals that
 * come from outside; they end before tracetool_close() returns. Do not fork() between open and
 * close if the child is to use the reader.
 *
 * Memory. A reader keeps less than 1 MB of events, and of the capture its largest generation (all
 * of it before Go 1.22, compact), the goroutines that live, and its distinct strings and stacks.
 *
 * Errors. Nothing is printed and no exception gets out. When opening or reading fails,
 * tracetool_error() says why, and there are no more events; a wrong argument is answered by -1 or
 * NULL and changes nothing. Damage is no error: what could be read is delivered, and faults tell
 * what could not.
 *
 * Texts are bytes as they stand in the trace, mostly UTF-8. Those with a length have no 0 at their
 * end. All times are ns since the trace's first event unless they say otherwise. */
#ifndef TRACETOOL_H
#define TRACETOOL_H

/* NOLINTBEGIN(modernize-deprecated-headers): C has no others */
#include <stddef.h>
#include <stdint.h>
/* NOLINTEND(modernize-deprecated-headers) */

#if defined(__GNUC__)
#define TRACETOOL_API __attribute__((visibility("default")))
#else
#define TRACETOOL_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* What happened: tracetool_event.kind. */
enum {
  TRACETOOL_SYNC = 0,         /* a generation begins, or the trace ends */
  TRACETOOL_METRIC = 1,       /* aux: 0 GOMAXPROCS, 1 bytes of the heap, 2 its goal in bytes */
  TRACETOOL_LABEL = 2,        /* name: label of the goroutine g */
  TRACETOOL_STACK_SAMPLE = 3, /* a CPU sample; arg: goroutine id, 0 none */
  TRACETOOL_RANGE_BEGIN = 4,  /* aux: 0 of the program, 1 of goroutine subject, 2 of proc subject */
  TRACETOOL_RANGE_ACTIVE = 5, /* was active when the generation began */
  TRACETOOL_RANGE_END = 6,
  TRACETOOL_TASK_BEGIN = 7,
  TRACETOOL_TASK_END = 8,
  TRACETOOL_REGION_BEGIN = 9,
  TRACETOOL_REGION_END = 10,
  TRACETOOL_LOG = 11, /* see tracetool_message() */
  TRACETOOL_GO_TRANSITION = 12,
  TRACETOOL_PROC_TRANSITION = 13,
  /* aux: wire type; arg, arg2: its first two arguments; of allocations subject and name: bytes and
     name of the object's type, or subject: the span's kind */
  TRACETOOL_EXPERIMENTAL = 14,
  TRACETOOL_GAP = 15 /* events of generation arg are missing from here on, all states are unknown;
                        0: another trace begins */
};

/* States of a goroutine: tracetool_event.states of a TRACETOOL_GO_TRANSITION. */
enum {
  TRACETOOL_GO_UNDETERMINED = 0, /* before it is first seen */
  TRACETOOL_GO_NOT_EXIST = 1,
  TRACETOOL_GO_RUNNABLE = 2,
  TRACETOOL_GO_RUNNING = 3,
  TRACETOOL_GO_WAITING = 4,
  TRACETOOL_GO_SYSCALL = 5
};

/* States of a proc: the same of a TRACETOOL_PROC_TRANSITION. */
enum {
  TRACETOOL_PROC_UNDETERMINED = 0,
  TRACETOOL_PROC_NOT_EXIST = 1,
  TRACETOOL_PROC_RUNNING = 2,
  TRACETOOL_PROC_IDLE = 3
};

/* Bits of tracetool_event.flags. */
enum {
  TRACETOOL_OPEN_END = 1,   /* not in the trace: closes at its end, or before a gap, what is open */
  TRACETOOL_OPEN_START = 2, /* what ends here began before the trace: `since` is the first known */
  TRACETOOL_NAMES = 4,      /* gives goroutine `subject` its name: the outermost function of the
                               stack whose id is arg2 */
  TRACETOOL_SAME_STACK = 16, /* that stack is `stack` */
  TRACETOOL_FORETELLS = 64,  /* not in the trace: behind a SYNC or GAP, what is so there, which the
                                trace tells later; with TRACETOOL_FORETOLD: where it is damaged
                                before that */
  TRACETOOL_FORETOLD = 128   /* tells what was foretold */
};

#define TRACETOOL_NEVER INT64_MIN         /* a time that is not known */
#define TRACETOOL_NO_GOROUTINE UINT32_MAX /* a slot of none */
#define TRACETOOL_NO_PROC 0xFFFFu
#define TRACETOOL_NO_THREAD 0xFFFFu
/* From here on: those on which Go before 1.22 shows timers, network, syscalls, GC, profiler. */
#define TRACETOOL_FIRST_PSEUDO_PROC 0xFFF0u

/* An event: 64 bytes. Goroutines stand as slots, small numbers that are used again after their
 * goroutine's end (never within the events of one tracetool_next()): the transition of `subject`
 * from TRACETOOL_GO_UNDETERMINED or TRACETOOL_GO_NOT_EXIST has its goroutine's id in arg. */
typedef struct tracetool_event {
  int64_t time;     /* ns; strictly increasing, but for events that are not in the trace */
  int64_t since;    /* ns; when what ends here began: the state before, range, region, task;
                       REGION_BEGIN: when goroutine g began to run; else, or if it is not known,
                       TRACETOOL_NEVER */
  uint64_t arg;     /* METRIC: its value; tasks, regions, logs: task id; RANGE_END: bytes swept;
                       SYNC: 1, 2, ...; GO_TRANSITION into the trace: goroutine id, from SYSCALL: ns,
                       when its proc was lost, or TRACETOOL_NEVER */
  uint64_t arg2;    /* SYNC: generation, 0 for the last; TASK_BEGIN: parent; RANGE_END: bytes
                       reclaimed; REGION_END: ns, since when g runs; GO_TRANSITION: the stack id of
                       `subject` */
  uint32_t g;       /* slot of who did this, or TRACETOOL_NO_GOROUTINE */
  uint32_t subject; /* of whom: goroutine slot or proc; SYNC: bytes of a page of the heap, 0 if it
                       is not told */
  uint32_t stack;   /* stack id: where g was; 0 and 1 have no frames */
  uint32_t name;    /* string id: reason, label, range, task or region type, log category; 0: "" */
  uint32_t since_stack; /* stack id and name of the event at `since`; SYNC with aux 1: upper and */
  uint32_t since_name;  /* lower half of the wall clock, ns since 1970 */
  uint16_t m;           /* thread, see tracetool_thread_id() */
  uint16_t p;           /* proc */
  uint8_t kind;
  uint8_t states; /* the state before * 16 + the one after; equal: only repeated */
  uint8_t flags;
  uint8_t aux;
} tracetool_event;

typedef struct tracetool_frame {
  uint64_t pc;
  uint64_t line;     /* 1-based, 0 unknown */
  uint32_t function; /* string ids */
  uint32_t file;
} tracetool_frame;

typedef struct tracetool_reader tracetool_reader;

/* "0.1.0": of the library that runs. */
TRACETOOL_API const char* tracetool_version(void);

/* Flags of tracetool_open(). */
enum { TRACETOOL_STRICT = 1 /* reads no further than to the first fault */ };

/* Opens a capture, plain or packed with zstd or gzip; "-" is standard input. Always to be closed,
 * also if it failed, which tracetool_error() tells; NULL only for lack of memory. */
TRACETOOL_API tracetool_reader* tracetool_open(const char* path, unsigned flags);

/* Waits for the reader's threads, which takes as long as the input takes to answer. Takes NULL. */
TRACETOOL_API void tracetool_close(tracetool_reader* reader);

/* What went wrong, a text that ends with 0; NULL if nothing did. */
TRACETOOL_API const char* tracetool_error(const tracetool_reader* reader);

/* The number of further events, and where they are; 0 at the end; -1 for an error, after which
 * there are no more. */
TRACETOOL_API int64_t tracetool_next(tracetool_reader* reader, const tracetool_event** events);

/* The functions below take ids of events that tracetool_next() has given. For others they answer
 * NULL or -1, and so they do after a failed open. */

/* The text of a string id; `length`, if it is not NULL, is set to its length in bytes. */
TRACETOOL_API const char* tracetool_string(const tracetool_reader* reader, uint32_t string,
                                           size_t* length);

/* The message of a TRACETOOL_LOG, as tracetool_string() gives texts; `log` lies in the array of the
 * last tracetool_next(). */
TRACETOOL_API const char* tracetool_message(const tracetool_reader* reader,
                                            const tracetool_event* log, size_t* length);

/* Writes the frames of a stack id, innermost first and `room` at most, and answers how many the
 * stack has. `frames` may be NULL if `room` is 0. */
TRACETOOL_API int64_t tracetool_stack(const tracetool_reader* reader, uint32_t stack,
                                      tracetool_frame* frames, size_t room);

/* What the operating system calls a thread (tracetool_event.m), before Go 1.22 what Go calls it; -1
 * for TRACETOOL_NO_THREAD. */
TRACETOOL_API int64_t tracetool_thread_id(const tracetool_reader* reader, uint16_t m);

/* How many faults there are; -1 until tracetool_next() has answered 0 or -1. */
TRACETOOL_API int64_t tracetool_faults(const tracetool_reader* reader);

/* A fault by number, from 0 on: what is wrong, where, and how much is missing because of it.
 * `kind`, if it is not NULL, is set to "unreadable", "unsupported", "truncated", "malformed",
 * "invalid" or "note", which is harmless. Both end with 0. */
TRACETOOL_API const char* tracetool_fault(const tracetool_reader* reader, size_t number,
                                          const char** kind);

/* "Sync", "Metric", ...: as `tracetool events` names them, so that both kinds of transitions are
 * "StateTransition"; NULL if there is no such kind. */
TRACETOOL_API const char* tracetool_kind_name(unsigned kind);

/* "Running", ...: a state of those that transitions of this kind have; NULL if there is none. */
TRACETOOL_API const char* tracetool_state_name(unsigned kind, unsigned state);

#ifdef __cplusplus
}
#endif

#endif
