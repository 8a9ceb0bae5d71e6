// Blocking profiles: every record of every committed capture against the reference, and waits by
// hand.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <nlohmann/json.hpp>

#include "analyses/go/wait_kind.h"
#include "tests/support/pass_run.h"
#include "tests/support/profile.h"

namespace tracetool {
extern const PassInfo blocking_pass;
extern const PassInfo goroutines_pass;
}  // namespace tracetool

using namespace tracetool;
using namespace tracetool::test;
using nlohmann::json;

namespace {

std::vector<std::string> sorted(std::vector<std::string> lines) {
  std::ranges::sort(lines);
  return lines;
}

/// Two threads: goroutine 1 waits for what goroutine 2 does, then for the runtime.
Bytes waits() {
  TraceBuilder b(26);
  auto& g = b.generation(1, 1000);
  on_cpu(g, 1, 0, 1)
      .at(1100)
      .event("GoBlock", {"sync", frames({"sync.(*Mutex).Lock", "main.work"})})
      .at(1400)
      .event("GoStart", {1, 2})
      .at(1500)
      .event("GoBlock", {"network", frames({"internal/poll.(*FD).Read", "main.work"})})
      .at(1900)
      .event("GoStart", {1, 4})
      .at(2000)
      .event("GoBlock", {"chan receive", frames({"runtime.chanrecv1", "main.work"})})
      .at(2500);
  on_cpu(g, 2, 1, 2)
      .at(1300)
      .event("GoUnblock", {1, 1, frames({"sync.(*Mutex).Unlock", "main.f"})});
  g.nobody().at(1800).event("GoUnblock", {1, 3, 0});
  return b.bytes();
}

/// Takes out what the reference counts as synchronization though the collector is waited for.
Profile take_gc_cycles(Profile& sync) {
  Profile taken;
  for (const auto& [stack, sums] : sync) {
    for (size_t at = 0; stack.compare(at, 8, "runtime.") == 0; at = stack.find('\n', at) + 1) {
      if (stack.compare(at, 10, "runtime.gc") == 0 || stack.compare(at, 10, "runtime.GC") == 0)
        taken.insert({stack, sums});
    }
  }
  for (const auto& [stack, sums] : taken) sync.erase(stack);
  return taken;
}

/// The same of our profile "gc".
Profile gc_cycles_of(const Report& report) {
  Table cycles = table(report, "blocking");
  const auto what = std::ranges::find(cycles.columns, "what", &Column::id) - cycles.columns.begin();
  std::erase_if(cycles.rows, [&](const std::vector<Cell>& row) {
    return row[static_cast<size_t>(what)] != Cell("GC cycle");
  });
  return profile_of(cycles);
}

}  // namespace

TEST_CASE("blocking: net, sync, syscall and sched equal the reference, record by record") {
  size_t compared = 0, moved = 0;
  for (const auto& path : captures()) {
    const json expected = answers(path)["profile"];
    if (expected.contains("error")) continue;
    INFO(path.string());
    const std::string release = path.parent_path().filename().string();
    const int64_t slack = release < "go1.22" ? 9 : 0;
    for (const char* name : {"net", "sync", "syscall", "sched"}) {
      INFO(name);
      const Profile ours =
          profile_of(table(run_file(path, blocking_pass, {{"--profile", name}}), "blocking"));
      Profile theirs = reference(expected[name]);
      if (std::string(name) == "sync") {
        const Profile cycles = take_gc_cycles(theirs);
        CHECK(same_records(gc_cycles_of(run_file(path, blocking_pass, {{"--profile", "gc"}})),
                           cycles, slack));
        moved += cycles.size();
      }
      CHECK(same_records(ours, theirs, slack));
      compared += ours.size();
    }
  }
  CHECK(compared > 5000);
  CHECK(moved > 0);
}

TEST_CASE("blocking: classes, stacks, wakers and what was cut off close") {
  for (const auto& path : captures()) {
    INFO(path.string());
    const Report report = run_file(path, blocking_pass, {{"--open", "1"}});
    const Table& classes = table(report, "blocking_classes");
    const Table& stacks = table(report, "blocking");
    const Table& open = table(report, "blocking_open");
    CHECK(sum(classes, "count") == sum(stacks, "count"));
    CHECK(sum(classes, "total_ns") == sum(stacks, "total_ns"));
    for (const char* column :
         {"open_end_count", "open_end_ns", "open_start_count", "open_start_ns"})
      CHECK(sum(classes, column) == sum(open, column));
    int64_t blocked = 0;
    for (size_t i = 0; i < classes.rows.size(); ++i) {
      const std::string cls = cell(classes, i, "class");
      if (cls != "sched" && cls != "syscall") blocked += std::stoll(cell(classes, i, "total_ns"));
    }
    CHECK(sum(table(report, "blocking_wakers"), "total_ns") == blocked);
    int64_t forever = 0;  // to the summary such a goroutine has ended
    for (size_t i = 0; i < open.rows.size(); ++i)
      if (cell(open, i, "what") == "forever") forever += std::stoll(cell(open, i, "open_end_ns"));
    // All that goroutines did not spend running is here.
    const Report all = run_file(path, goroutines_pass, {});
    const Table& goroutines = table(all, "goroutines");
    CHECK(sum(classes, "total_ns") + sum(open, "open_end_ns") + sum(open, "open_start_ns") -
              forever ==
          sum(goroutines, "sched_wait_ns") + sum(goroutines, "block_ns") +
              sum(goroutines, "syscall_ns") + sum(goroutines, "syscall_block_ns"));
  }
}

TEST_CASE("blocking: waits by hand") {
  const Report report = run_bytes(waits(), blocking_pass, {{"--open", "1"}});
  CHECK(sorted(rows(table(report, "blocking"), {"class", "what", "caller", "count", "total_ns",
                                                "p50_ns", "longest_at_ns", "longest_goroutine"})) ==
        std::vector<std::string>{
            "net|net read|main.work|1|300|300|500|1",
            "sched|by the runtime|-|1|100|100|800|1",
            "sched|made runnable|main.f|1|100|100|300|1",
            "sync|Mutex|main.work|1|200|200|100|1",
        });
  CHECK(sorted(rows(table(report, "blocking_wakers"), {"what", "waker", "count", "total_ns"})) ==
        std::vector<std::string>{"Mutex|main.f|1|200", "net read|(netpoller)|1|300"});
  const Table& open = table(report, "blocking_open");
  CHECK(rows(open, {"class", "what", "open_end_count"}) ==
        std::vector<std::string>{"chan|channel receive|1"});
}

TEST_CASE("blocking: a window clips waits, filters leave goroutines out") {
  RunOptions window;
  window.from = 150;
  window.to = 600;
  const Report clipped = run_bytes(waits(), blocking_pass, {}, window);
  CHECK(sorted(rows(table(clipped, "blocking"), {"what", "total_ns"})) ==
        std::vector<std::string>{"Mutex|150", "made runnable|100", "net read|100"});
  RunOptions other;
  other.goroutines.ids = {2};
  CHECK(table(run_bytes(waits(), blocking_pass, {}, other), "blocking").rows.empty());
}

TEST_CASE("blocking: what a stack was waiting for") {
  Tables tables;
  const auto stack = [&](std::initializer_list<const char*> functions) {
    std::vector<FrameId> ids;
    for (const char* f : functions)
      ids.push_back(tables.intern(Frame{ids.size() + 1, tables.intern(f), 0, 1}));
    return tables.intern(ids);
  };
  const auto what = [&](std::initializer_list<const char*> functions) {
    return waited_for(tables, "sync", stack(functions));
  };
  CHECK(what({"sync.(*Mutex).Lock", "main.f"}) == "Mutex");
  CHECK(what({"internal/sync.(*Mutex).lockSlow", "sync.(*Mutex).Lock", "main.f"}) == "Mutex");
  CHECK(what({"sync.(*RWMutex).RLock", "main.f"}) == "RWMutex");
  CHECK(what({"sync.(*Mutex).Lock", "sync.(*RWMutex).Lock", "main.f"}) == "RWMutex");
  CHECK(what({"sync.(*WaitGroup).Wait", "main.f"}) == "WaitGroup");
  CHECK(what({"sync.(*Mutex).Lock", "sync.(*Once).doSlow", "sync.(*Once).Do"}) == "Once");
  CHECK(what({"sync.(*Mutex).Lock", "sync.(*Pool).pinSlow", "main.f"}) == "Mutex");
  CHECK(what({"sync.runtime_notifyListWait", "sync.(*Cond).Wait", "main.f"}) == "Cond");
  CHECK(what({"internal/poll.(*FD).Close", "net.(*netFD).Close"}) == "semaphore");
  CHECK(what({"runtime.gcStart", "runtime.mallocgc", "main.f"}) == "GC cycle");
  CHECK(what({"runtime.semacquire", "runtime.gcMarkDone", "runtime.gcAssistAlloc"}) == "GC cycle");
  CHECK(what({"runtime.stopTheWorld", "runtime.ReadMemStats", "main.gcStart"}) == "semaphore");
  CHECK(what({"main.wait", "runtime.gcStart"}) == "semaphore");
  CHECK(what({"main.(*Mutex).Lock", "main.f"}) == "semaphore");
  CHECK(waited_for(tables, "sync.(*Cond).Wait", 0) == "Cond");
  CHECK(waited_for(tables, "chan send", 0) == "channel send");
  CHECK(waited_for(tables, "select", 0) == "select");
  CHECK(waited_for(tables, "network", stack({"internal/poll.(*FD).WaitWrite"})) == "net connect");

  const auto call = [&](std::initializer_list<const char*> functions) {
    return syscall_name(tables, stack(functions));
  };
  CHECK(call({"syscall.read", "syscall.Read", "internal/poll.ignoringEINTRIO"}) == "read");
  CHECK(call({"syscall.Syscall6", "syscall.Getdents", "os.f"}) == "getdents");
  CHECK(call({"syscall.RawSyscall", "main.f"}) == "Syscall in main.f");
  CHECK(call({"golang.org/x/sys/unix.Fsync", "main.f"}) == "fsync");
  CHECK(call({"main._Cfunc_compress", "main.f"}) == "cgo compress");
  CHECK(call({"runtime.cgocall", "main._Cfunc_compress", "main.f"}) == "cgo compress");
  CHECK(call({"runtime.gcBgMarkStartWorkers", "runtime.gcStart"}) ==
        "runtime.gcBgMarkStartWorkers");
  CHECK(call({}).empty());
}

TEST_CASE("blocking: --profile") {
  const Report some = run_bytes(waits(), blocking_pass, {{"--profile", "chan,net"}});
  CHECK(rows(table(some, "blocking_classes"), {"class"}) ==
        std::vector<std::string>{"net", "chan"});
  CHECK(refusal(blocking_pass, {{"--profile", "lock"}}).find("\"lock\"") != std::string::npos);
  CHECK(!refusal(blocking_pass, {{"--profile", ","}}).empty());
}
