// What rules make of tables whose figures are chosen so that the answer can be worked out on paper.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "tests/support/files.h"
#include "tests/support/findings_run.h"
#include "tests/support/pass_run.h"
#include "tests/support/temporary.h"

using namespace tracetool;
using namespace tracetool::test;
using Catch::Contains;
using Kinds = std::set<std::string>;

namespace {

constexpr int64_t kMs = 1'000'000;

/// 100 ms in which goroutines ran for 50.
Judged hundred_ms() {
  Judged run = made_up_capture(100 * kMs, 1);
  run.report.tables.push_back(made_up("gc_totals", {"running_ns"}, {{50 * kMs}}));
  return run;
}

StackCell at(const std::string& line) {
  return {"sync.(*Mutex).Lock /go/sync/mutex.go:46", "main.use /src/" + line, "main.main m.go:1"};
}

Table blocking(const std::vector<std::vector<Cell>>& rows) {
  return made_up("blocking", {"what", "class", "caller", "count", "total_ns", "stack"}, rows);
}

}  // namespace

TEST_CASE("rules: locks are summed up by who waits and by who holds") {
  Judged run = hundred_ms();
  const auto lock = [](const char* what, const char* caller, int64_t ms, const StackCell& stack) {
    return std::vector<Cell>{what, "sync", caller, int64_t{2}, ms * kMs, stack};
  };
  run.report.tables.push_back(blocking({
      lock("Mutex", "main.use", 8, at("a.go:5")),
      lock("RWMutex", "main.other", 10, {}),
      lock("Mutex", "main.use", 6, at("a.go:9")),
      lock("WaitGroup", "main.main", 99, {}),
  }));
  const auto held = [](const char* caller, const char* by, int64_t ms, const char* line) {
    return std::vector<Cell>{"Mutex", caller, by, ms * kMs,
                             StackCell{std::string(by) + " /src/" + line}};
  };
  run.report.tables.push_back(made_up(
      "blocking_wakers", {"what", "caller", "waker", "total_ns", "waker_stack"},
      {held("main.use", "main.slow", 4, "b.go:1"), held("main.use", "main.fast", 5, "b.go:2"),
       held("main.use", "main.slow", 5, "b.go:3"),
       held("main.other", "main.elsewhere", 10, "b.go:4")}));
  const Table found = judged(run);
  CHECK(kinds_of(found) == Kinds{"lock-contention"});
  // 24 ms of waiting for 50 ms of running.
  CHECK(cell(found, 0, "figure") == "0.48");
  CHECK(cell(found, 0, "evidence") ==
        "Goroutines waited 24.0ms for locks (6 times) and ran for 50.0ms. Most of it, 14.0ms, is "
        "for the Mutex in main.use (a.go:5), mostly held by main.slow (b.go:3).");
  CHECK(cell(found, 0, "stack") == "main.slow");
  CHECK(judged(run, {{"lock-contention", {0.49}}}).rows.empty());
}

TEST_CASE("rules: locks that hardly anybody waits for are no finding") {
  Judged run = hundred_ms();
  run.report.tables[1] = made_up("gc_totals", {"running_ns"}, {{kMs}});
  // Nine times as long as the program ran, but less than a tenth of the time.
  run.report.tables.push_back(blocking({{"Mutex", "sync", "main.use", int64_t{1}, 9 * kMs}}));
  CHECK(judged(run).rows.empty());
  run.report.tables.back() = blocking({{"Mutex", "sync", "main.use", int64_t{1}, 10 * kMs}});
  CHECK(kinds_of(judged(run)) == Kinds{"lock-contention"});
}

TEST_CASE("rules: what is waited for in the network poller and is not the network") {
  const auto kinds = [](const std::vector<Cell>& row) {
    Judged run = hundred_ms();
    run.report.tables.push_back(blocking({row}));
    return kinds_of(judged(run));
  };
  const auto wait = [](const char* what, const char* cls, const char* caller, int64_t ms,
                       const StackCell& stack = {}) {
    return std::vector<Cell>{what, cls, caller, int64_t{1}, ms * kMs, stack};
  };
  const Kinds bound = {"network-bound"};
  // 200 of 250 ms: exactly the threshold.
  CHECK(kinds(wait("net read", "net", "main.query", 200)) == bound);
  CHECK(kinds(wait("net read", "net", "main.query", 199)).empty());
  CHECK(kinds(wait("select", "select", "net/http.(*persistConn).roundTrip", 200)) == bound);
  CHECK(kinds(wait("select", "select", "main.loop", 900)).empty());
  CHECK(kinds(wait("net accept", "net", "main.serve", 900)).empty());
  CHECK(kinds(wait("net read", "net", "net/http.(*connReader).backgroundRead", 900)).empty());
  CHECK(kinds(wait("net read", "net", "main.pipe", 900,
                   {"internal/poll.(*FD).Read fd.go:1", "os.(*File).Read file.go:2"}))
            .empty());
}

TEST_CASE("rules: system calls have to be many, long and worth a word") {
  const auto found = [](int64_t count, int64_t total, int64_t open) {
    Judged run = hundred_ms();
    run.report.tables.push_back(
        made_up("syscalls_stacks",
                {"syscall", "caller", "count", "total_ns", "blocked_ns", "blocked_count",
                 "open_count", "mean_ns", "stack"},
                {{"fsync", "main.save", count, total, total / 2, int64_t{3}, open, total / count,
                  StackCell{"main.save /src/a.go:7"}}}));
    return judged(run);
  };
  const Table five = found(5, 50 * kMs, 0);
  CHECK(kinds_of(five) == Kinds{"blocking-syscalls"});
  CHECK(cell(five, 0, "figure") == "0.5");
  CHECK(cell(five, 0, "evidence") ==
        "5 system calls took 50.0ms, while goroutines ran for 50.0ms; 3 lost their P "
        "(25.0ms). Most of it is 50.0ms in fsync, called by main.save (a.go:7).");
  CHECK(found(4, 50 * kMs, 0).rows.empty());
  CHECK(found(501, 50 * kMs, 0).rows.empty());  // less than 100 µs each
  CHECK(found(5, 9 * kMs, 0).rows.empty());     // less than a tenth of the time
  CHECK(found(5, 50 * kMs, 5).rows.empty());    // waits for a signal
}

TEST_CASE("rules: a serial program leaves Ps unused while others wait") {
  const auto found = [](const char* cause, double share, double used, int64_t waiting_ms,
                        double procs, int64_t locks_ms = 0) {
    Judged run = hundred_ms();
    run.report.tables.push_back(
        blocking({{"Mutex", "sync", "main.use", int64_t{2}, locks_ms * kMs, at("a.go:5")}}));
    run.report.tables.push_back(made_up(
        "parallelism",
        {"gomaxprocs_mean", "used_share", "serial_phases", "serial_phases_ns", "longest_serial_ns"},
        {{procs, used, int64_t{7}, waiting_ms * kMs, 9 * kMs}}));
    run.report.tables.push_back(
        made_up("serial_causes", {"cause", "share"}, {{"nothing", 0.4}, {cause, share}}));
    run.report.tables.push_back(
        made_up("serial_culprits", {"start_location", "where", "serial_ns", "share", "stack"},
                {{"main.a", "main.a", 10 * kMs, 0.2, {}},
                 {"main.b", "main.f", 12 * kMs, 0.2, StackCell{"main.f /src/b.go:3"}},
                 {"main.a", "main.g", 13 * kMs, 0.2, StackCell{"main.g /src/b.go:4"}},
                 {"main.c", "main.c", 15 * kMs, 0.3, {}}}));
    return judged(run);
  };
  const char* others = "other goroutines";
  const Table serial = found(others, 0.5, 0.6, 20, 4);
  CHECK(kinds_of(serial) == Kinds{"serial"});
  CHECK(cell(serial, 0, "evidence") ==
        "50.0% of the time exactly one of 4 Ps is busy and other goroutines wait for what runs "
        "there; the longest of 7 serial phases takes 9.00ms. In 46.0% of all time with one P busy "
        "it is main.a, mostly up to main.g (b.go:4).");
  CHECK(found(others, 0.49, 0.3, 20, 4).rows.empty());
  CHECK(found(others, 0.9, 0.61, 20, 4).rows.empty());  // well used all the same
  CHECK(found(others, 0.9, 0.3, 19, 4).rows.empty());   // nobody waits for long
  CHECK(found(others, 0.9, 0.3, 50, 1).rows.empty());   // how else
  for (const char* elsewhere : {"collector", "P", "nothing"})
    CHECK(found(elsewhere, 0.9, 0.3, 50, 4).rows.empty());
  // Who waits for a lock is told by lock-contention, unless that has nothing to tell.
  CHECK(kinds_of(found("lock", 0.5, 0.3, 50, 4, 9)) == Kinds{"serial"});
  CHECK(kinds_of(found("lock", 0.9, 0.3, 50, 4, 10)) == Kinds{"lock-contention"});
}

TEST_CASE("rules: a goroutine that never gets its lock hides no serial program") {
  TraceBuilder b(26);
  constexpr uint64_t kLong = 100'000'000;
  auto& g = b.generation(1);
  const auto lock = frames({"sync.(*Mutex).Lock", "main.stuck"});
  on_cpu(g, 7, 0, 2).event("ProcsChange", {4, 0});
  g.thread(7)
      .event("GoCreate", {3, frames({"main.consumer"}), 0})
      .event("GoCreate", {1, frames({"main.stage"}), 0})
      .event("GoBlock", {"sync", lock})
      .event("GoStart", {3, 1})
      .event("GoBlock", {"chan receive", 0})
      .event("GoStart", {1, 1})
      .at(1000 + kLong)
      .event("GoStop", {"preempted", 0});
  const Judged run = tables_of(scratch("stuck.trace", b.bytes()));
  CHECK(kinds_of(findings_of(run)) == Kinds{"serial"});
  CHECK_THAT(evidence_of(findings_of(run), "serial"), Contains("it is main.stage"));
}

TEST_CASE("rules: too fine regions have to be felt") {
  const auto found = [](int64_t count, int64_t median) {
    Judged run = hundred_ms();
    run.report.tables.push_back(made_up("regions",
                                        {"type", "begun_at", "count", "p50_ns", "total_ns"},
                                        {{"add", "main.f", count, median, count * median}}));
    return kinds_of(judged(run));
  };
  const Kinds fine = {"fine-regions"};
  CHECK(found(5000, 999) == fine);
  CHECK(found(5000, 1000).empty());
  CHECK(found(4999, 100).empty());  // at 200 ns each less than 1 % of the time
}

TEST_CASE("rules: growth is steady, and more than a pool") {
  const auto found = [](int64_t before, int64_t after, const char* verdict) {
    Judged run = hundred_ms();
    run.report.tables.push_back(made_up("goroutine_growth",
                                        {"at_begin", "at_end", "net", "verdict"},
                                        {{before, after, after - before, verdict}}));
    run.report.tables.push_back(
        made_up("leaks",
                {"start_location", "created_in", "net", "waits_for", "blocked_in", "blocked_alike",
                 "stack", "blocked_stack"},
                {{"main.get", "main.ask", after - before, "channel send", "main.get", int64_t{4},
                  StackCell{"main.ask /src/a.go:3"}, StackCell{"main.get /src/a.go:9"}}}));
    return judged(run);
  };
  const Table grows = found(10, 20, "growing");
  CHECK(kinds_of(grows) == Kinds{"growth"});
  CHECK(cell(grows, 0, "figure") == "2.0");
  CHECK(cell(grows, 0, "evidence") ==
        "There were 10 goroutines at the begin and 20 at the end, more in each quarter of the "
        "capture. 10 of the new ones are main.get, created in main.ask (a.go:3); 4 of these wait "
        "(channel send) in main.get (a.go:9).");
  CHECK(kinds_of(found(0, 10, "growing")) == Kinds{"growth"});
  CHECK(found(11, 21, "growing").rows.empty());  // not twice as many
  CHECK(found(1, 10, "growing").rows.empty());   // 9 more
  CHECK(found(10, 90, "unclear").rows.empty());
}

TEST_CASE("rules: greedy is who makes others wait") {
  const auto found = [](int64_t run_ms, int64_t wait_ms, const char* who) {
    Judged run = hundred_ms();
    run.report.tables.push_back(
        made_up("sched_longest_runs",
                {"time_ns", "run_ns", "goroutine", "start_location", "caller", "stack"},
                {{5 * kMs, run_ms * kMs, int64_t{7}, who, "main.copy",
                  StackCell{"main.copy /src/a.go:3"}}}));
    run.report.tables.push_back(made_up("sched_summary", {"longest_ns"}, {{wait_ms * kMs}}));
    return judged(run);
  };
  const Table greedy = found(30, 10, "main.work");
  CHECK(kinds_of(greedy) == Kinds{"greedy"});
  CHECK(cell(greedy, 0, "evidence") ==
        "Goroutine 7 (main.work) ran for 30.0ms at 0.005000s without a break, until it was in "
        "main.copy (a.go:3); the longest wait for a P was 10.0ms.");
  CHECK(found(29, 90, "main.work").rows.empty());
  CHECK(found(90, 9, "main.work").rows.empty());
  CHECK(found(90, 90, "runtime.gcBgMarkWorker").rows.empty());
}

TEST_CASE("rules: oversubscription is of Ps that are busy") {
  const auto found = [](double waiting, double busy) {
    Judged run = hundred_ms();
    run.report.tables.push_back(made_up("sched_summary",
                                        {"runnable_per_p_mean", "gomaxprocs_mean", "p50_ns",
                                         "p99_ns", "time_all_busy", "total_ns", "longest_ns"},
                                        {{waiting, 3.999, kMs, 2 * kMs, busy, 8 * kMs, kMs}}));
    run.report.tables.push_back(made_up("sched", {"start_location", "total_ns"},
                                        {{"main.a", 6 * kMs}, {"main.b", 2 * kMs}}));
    return judged(run);
  };
  const Table many = found(2, 0.5);
  CHECK(kinds_of(many) == Kinds{"oversubscription"});
  CHECK(cell(many, 0, "evidence") ==
        "For each of 4 Ps 2 goroutines wait on average; all Ps are busy 50.0% of the time. Such "
        "a wait takes 1.00ms (p50), 2.00ms (p99). 75.0% of the waiting is done by main.a.");
  CHECK(found(1.99, 1).rows.empty());
  CHECK(found(9, 0.49).rows.empty());
}

TEST_CASE("rules: utilization in the worst window of a length") {
  Judged run = hundred_ms();
  run.report.tables.push_back(made_up("mmu", {"window_ns", "p50"}, {{10 * kMs, 0.9}}));
  run.report.tables.push_back(made_up("mmu_worst", {"window_ns", "rank", "utilization", "begin_ns"},
                                      {{10 * kMs, int64_t{1}, 0.4, 3 * kMs},
                                       {10 * kMs, int64_t{2}, 0.45, 30 * kMs},
                                       {20 * kMs, int64_t{1}, 0.55, 4 * kMs}}));
  run.report.tables.push_back(made_up("mmu_summary",
                                      {"mean_utilization", "longest_stop_ns", "longest_stop_at_ns"},
                                      {{0.8, 2 * kMs, 5 * kMs}}));
  CHECK(evidence_of(judged(run), "low-mmu") ==
        "In its worst 10.0ms, from 0.003000s on, the program had 40.0% of its CPUs; the rest went "
        "to the collector and to stops (median of all windows 90.0%). The longest time without any "
        "was 2.00ms, at 0.005000s.");
  CHECK(judged(run, {{"low-mmu", {0.4}}}).rows.empty());
  CHECK(judged(run, {{"low-mmu", {0.5, 20 * kMs}}}).rows.empty());
  const Table twenty = judged(run, {{"low-mmu", {0.6, 20 * kMs}}});
  CHECK(rows(twenty, {"kind", "figure", "window_ns"}) ==
        std::vector<std::string>{"low-mmu|0.55|20000000"});
  // Nothing lost in any window of that length; no window of that length.
  CHECK(cell(judged(run, {{"low-mmu", {1.1, 30 * kMs}}}), 0, "figure") == "1.0");
  CHECK(judged(run, {{"low-mmu", {1.1, 101 * kMs}}}).rows.empty());
}
