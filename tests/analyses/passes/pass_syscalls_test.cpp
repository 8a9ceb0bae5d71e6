// System calls: by hand, and against the reference's syscall profile on every committed capture.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/support/pass_run.h"
#include "tests/support/profile.h"

namespace tracetool {
extern const PassInfo goroutines_pass;
extern const PassInfo syscalls_pass;
}  // namespace tracetool

using namespace tracetool;
using namespace tracetool::test;
using nlohmann::json;

namespace {

/// G1 writes for 100 ns, then reads for 500 ns of which the last 300 without its P, then calls C
/// and stays there.
Bytes calls() {
  TraceBuilder b(26);
  auto& g = b.generation(1, 1000);
  const Frames write = frames({"syscall.write", "syscall.Write", "os.(*File).Write", "main.save"});
  const Frames read = frames({"syscall.read", "syscall.Read", "main.load"});
  on_cpu(g, 1, 0, 1)
      .at(1100)
      .event("GoSyscallBegin", {1, write})
      .at(1200)
      .event("GoSyscallEnd")
      .at(1300)
      .event("GoSyscallBegin", {2, read})
      .at(1800)
      .event("GoSyscallEndBlocked")
      .event("ProcStart", {1, 1})
      .at(1850)
      .event("GoStart", {1, 1})
      .at(1900)
      .event("GoSyscallBegin", {2, frames({"main._Cfunc_compress", "main.pack"})});
  g.thread(2)
      .at(1050)
      .event("ProcStatus", {1, kProcIdle})
      .at(1500)
      .event("ProcSteal", {0, 3, 1})
      .at(2000)
      .event("ProcStart", {0, 4});
  return b.bytes();
}

}  // namespace

TEST_CASE("syscalls: with and without a P, by hand") {
  const Report report = run_bytes(calls(), syscalls_pass, {});
  const std::vector<std::string> figures = {
      "syscall",       "count",         "total_ns",          "running_ns", "blocked_ns",
      "blocked_count", "longest_at_ns", "longest_goroutine", "open_count"};
  CHECK(rows(table(report, "syscalls"), figures) ==
        std::vector<std::string>{"cgo compress|0|0|0|0|0|-|-|1", "read|1|500|200|300|1|300|1|0",
                                 "write|1|100|100|0|0|100|1|0"});
  CHECK(rows(table(report, "syscalls_stacks"), {"syscall", "caller", "total_ns"}) ==
        std::vector<std::string>{"cgo compress|main.pack|0", "read|main.load|500",
                                 "write|main.save|100"});
}

TEST_CASE("syscalls: a window clips both parts") {
  RunOptions window;
  window.from = 400;
  window.to = 600;
  const Report report = run_bytes(calls(), syscalls_pass, {}, window);
  CHECK(rows(table(report, "syscalls"), {"syscall", "running_ns", "blocked_ns"}) ==
        std::vector<std::string>{"read|100|100"});
}

TEST_CASE("syscalls: equal to the reference's profile record by record, and sums close") {
  size_t compared = 0;
  for (const auto& path : captures()) {
    INFO(path.string());
    const Report report = run_file(path, syscalls_pass, {});
    const Table& names = table(report, "syscalls");
    const Table& stacks = table(report, "syscalls_stacks");
    for (const char* column : {"count", "total_ns", "running_ns", "blocked_ns", "blocked_count",
                               "open_count", "open_ns"})
      CHECK(sum(names, column) == sum(stacks, column));
    CHECK(sum(names, "running_ns") + sum(names, "blocked_ns") == sum(names, "total_ns"));
    const Report all = run_file(path, goroutines_pass, {});
    const Table& goroutines = table(all, "goroutines");
    CHECK(sum(names, "total_ns") + sum(names, "open_ns") ==
          sum(goroutines, "syscall_ns") + sum(goroutines, "syscall_block_ns"));
    const json expected = answers(path)["profile"];
    if (expected.contains("error") || !expected["syscall"].is_array()) continue;
    const Profile ours = profile_of(stacks);
    CHECK(same_records(ours, reference(expected["syscall"]), 0));
    CHECK(sum(names, "count") == sum(stacks, "count"));
    compared += ours.size();
  }
  CHECK(compared > 1000);
}
