// Events that contradict what came before: each rule is broken once, and the fault must name the
// event that broke it.
#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/support/event_lines.h"

using namespace tracetool;
using namespace tracetool::test;

namespace {

using G = GenerationBuilder;

/// Builds a trace whose last event of the batch returned is the wrong one.
struct Case {
  const char* why;
  BatchBuilder& (*build)(GenerationBuilder& g);
};

BatchBuilder& bare_p(GenerationBuilder& g) {
  return g.thread(7).event("ProcStatus", {0, kProcRunning});
}
BatchBuilder& bare_m(GenerationBuilder& g) {
  return g.thread(7).event("ProcStatus", {0, kProcIdle});
}
BatchBuilder& cpu(GenerationBuilder& g) { return on_cpu(g, 7, 0, 1); }
BatchBuilder& in_syscall(GenerationBuilder& g) { return cpu(g).event("GoSyscallBegin", {1, 0}); }

// clang-format off
const Case kCases[] = {
    {"GoStart without P", [](G& g) -> auto& { return bare_m(g).event("GoStatus", {1, -1, 1}).event("GoStart", {1, 1}); }},
    {"GoStart on a busy thread", [](G& g) -> auto& { return cpu(g).event("GoStatus", {2, -1, 1}).event("GoStart", {2, 1}); }},
    {"GoStop without goroutine", [](G& g) -> auto& { return bare_p(g).event("GoStop", {0, 0}); }},
    {"GoBlock without goroutine", [](G& g) -> auto& { return bare_p(g).event("GoBlock", {0, 0}); }},
    {"GoDestroy without goroutine", [](G& g) -> auto& { return bare_p(g).event("GoDestroy"); }},
    {"GoBlock in a syscall", [](G& g) -> auto& { return in_syscall(g).event("GoBlock", {0, 0}); }},
    {"GoDestroy in a syscall", [](G& g) -> auto& { return in_syscall(g).event("GoDestroy"); }},
    {"GoBlock by nobody", [](G& g) -> auto& { return g.nobody().event("GoBlock", {0, 0}); }},
    {"GoBlock with a string that does not exist", [](G& g) -> auto& { return cpu(g).event("GoBlock", {99, 0}); }},
    {"GoBlock with a stack that does not exist", [](G& g) -> auto& { return cpu(g).event("GoBlock", {0, 99}); }},
    {"GoCreate without P", [](G& g) -> auto& { return bare_m(g).event("GoCreate", {2, 0, 0}); }},
    {"GoCreate in a syscall", [](G& g) -> auto& { return in_syscall(g).event("GoCreate", {2, 0, 0}); }},
    {"GoCreate of an existing goroutine", [](G& g) -> auto& { return cpu(g).event("GoCreate", {1, 0, 0}); }},
    {"GoCreate with an unknown start", [](G& g) -> auto& { return cpu(g).event("GoCreate", {2, 99, 0}); }},
    {"GoCreate with an unknown stack", [](G& g) -> auto& { return cpu(g).event("GoCreate", {2, 0, 99}); }},
    {"GoCreateBlocked of an existing goroutine", [](G& g) -> auto& { return cpu(g).event("GoCreateBlocked", {1, 0, 0}); }},
    {"GoCreateSyscall on a busy thread", [](G& g) -> auto& { return cpu(g).event("GoCreateSyscall", {2}); }},
    {"GoCreateSyscall of an existing goroutine", [](G& g) -> auto& { return bare_p(g).event("GoStatus", {2, -1, 4}).event("GoCreateSyscall", {2}); }},
    {"GoCreateSyscall by nobody", [](G& g) -> auto& { return g.nobody().event("GoCreateSyscall", {2}); }},
    {"GoSyscallBegin without goroutine", [](G& g) -> auto& { return bare_p(g).event("GoSyscallBegin", {1, 0}); }},
    {"GoSyscallBegin twice", [](G& g) -> auto& { return in_syscall(g).event("GoSyscallBegin", {2, 0}); }},
    {"GoSyscallBegin with another number", [](G& g) -> auto& { return cpu(g).event("GoSyscallBegin", {2, 0}); }},
    {"GoSyscallEnd without goroutine", [](G& g) -> auto& { return bare_p(g).event("GoSyscallEnd"); }},
    {"GoSyscallEnd without begin", [](G& g) -> auto& { return cpu(g).event("GoSyscallEnd"); }},
    {"GoSyscallEnd without P", [](G& g) -> auto& { return in_syscall(g).event("ProcStop").event("GoSyscallEnd"); }},
    {"GoSyscallEnd after GoCreateSyscall", [](G& g) -> auto& { return bare_p(g).event("GoCreateSyscall", {2}).event("GoSyscallEnd"); }},
    {"GoSyscallEndBlocked without begin", [](G& g) -> auto& { return cpu(g).event("GoSyscallEndBlocked"); }},
    {"GoSyscallEndBlocked without goroutine", [](G& g) -> auto& { return bare_m(g).event("GoSyscallEndBlocked"); }},
    {"GoDestroySyscall without syscall", [](G& g) -> auto& { return cpu(g).event("GoDestroySyscall"); }},
    {"GoDestroySyscall without goroutine", [](G& g) -> auto& { return bare_p(g).event("GoDestroySyscall"); }},
    {"GoDestroySyscall with a P that is in none", [](G& g) -> auto& { return bare_p(g).event("GoCreateSyscall", {2}).event("GoDestroySyscall"); }},
    {"ProcStart by nobody", [](G& g) -> auto& { return g.nobody().event("ProcStatus", {0, 2}).event("ProcStart", {0, 1}); }},
    {"ProcStop without P", [](G& g) -> auto& { return bare_m(g).event("ProcStop"); }},
    {"ProcStop by nobody", [](G& g) -> auto& { return g.nobody().event("ProcStatus", {0, 1}).event("ProcStop"); }},
    {"ProcSteal from a thread that does not hold it", [](G& g) -> auto& { in_syscall(g); on_cpu(g, 8, 1, 2); return g.batch(9, 1100).event("ProcSteal", {0, 2, 8}); }},
    {"ProcSteal from an unknown thread", [](G& g) -> auto& { in_syscall(g); return g.batch(9, 1100).event("ProcSteal", {0, 2, 55}); }},
    {"ProcSteal from no thread", [](G& g) -> auto& { in_syscall(g); return g.batch(9, 1100).event("ProcSteal", {0, 2, -1}); }},
    {"ProcSteal from oneself of another's P", [](G& g) -> auto& { in_syscall(g); return g.batch(9, 1100).event("ProcSteal", {0, 2, 9}); }},
    {"ProcStatus 0", [](G& g) -> auto& { return g.thread(7).event("ProcStatus", {0, 0}); }},
    {"ProcStatus 5", [](G& g) -> auto& { return g.thread(7).event("ProcStatus", {0, 5}); }},
    {"ProcStatus of a P of 2^40", [](G& g) -> auto& { return g.thread(7).event("ProcStatus", {int64_t{1} << 40, 1}); }},
    {"ProcStatus that contradicts", [](G& g) -> auto& { return cpu(g).event("ProcStatus", {0, kProcIdle}); }},
    {"ProcStatus abandoned while running", [](G& g) -> auto& { return cpu(g).event("ProcStatus", {0, kProcAbandoned}); }},
    {"GoStatus 0", [](G& g) -> auto& { return bare_p(g).event("GoStatus", {1, 7, 0}); }},
    {"GoStatus 5", [](G& g) -> auto& { return bare_p(g).event("GoStatus", {1, 7, 5}); }},
    {"GoStatus 2^63", [](G& g) -> auto& { return bare_p(g).event("GoStatus", {1, 7, uint64_t{1} << 63}); }},
    {"GoStatus that contradicts", [](G& g) -> auto& { return cpu(g).event("GoStatus", {1, 7, kGoWaiting}); }},
    {"GoStatus syscall on no thread", [](G& g) -> auto& { return bare_p(g).event("GoStatus", {1, -1, kGoSyscall}); }},
    {"GoStatus syscall on a thread with another goroutine", [](G& g) -> auto& { cpu(g); return g.batch(9, 1100).event("GoStatus", {2, 7, kGoSyscall}); }},
    {"GoStatusStack with an unknown stack", [](G& g) -> auto& { return bare_p(g).event("GoStatusStack", {1, -1, kGoWaiting, 99}); }},
    {"GoSwitch without goroutine", [](G& g) -> auto& { return bare_p(g).event("GoStatus", {2, -1, 4}).event("GoSwitch", {2, 1}); }},
    {"GoSwitch in a syscall", [](G& g) -> auto& { cpu(g).event("GoCreateBlocked", {2, 0, 0}).event("GoSyscallBegin", {1, 0}); return g.thread(7).event("GoSwitch", {2, 1}); }},
    {"GoSwitchDestroy without goroutine", [](G& g) -> auto& { return bare_p(g).event("GoStatus", {2, -1, 4}).event("GoSwitchDestroy", {2, 1}); }},
    {"GoUnblock with an unknown stack", [](G& g) -> auto& { return cpu(g).event("GoStatus", {2, -1, 4}).event("GoUnblock", {2, 1, 99}); }},
    {"STWBegin without goroutine", [](G& g) -> auto& { return bare_p(g).event("STWBegin", {0, 0}); }},
    {"STWBegin twice for one reason", [](G& g) -> auto& { return cpu(g).event("STWBegin", {"GOMAXPROCS", 0}).event("STWBegin", {"GOMAXPROCS", 0}); }},
    {"STWBegin with an unknown kind", [](G& g) -> auto& { return cpu(g).event("STWBegin", {99, 0}); }},
    {"STWEnd without begin", [](G& g) -> auto& { return cpu(g).event("STWEnd"); }},
    {"STWEnd by another goroutine", [](G& g) -> auto& { cpu(g).event("STWBegin", {0, 0}); return g.batch(8, 1100).event("ProcStatus", {1, 1}).event("GoStatus", {2, 8, 2}).event("STWEnd"); }},
    {"GCActive twice", [](G& g) -> auto& { return cpu(g).event("GCActive", {5}).event("GCActive", {6}); }},
    {"GCBegin within GC", [](G& g) -> auto& { return cpu(g).event("GCActive", {5}).event("GCBegin", {6, 0}); }},
    {"GCEnd without goroutine", [](G& g) -> auto& { return bare_p(g).event("GCBegin", {5, 0}).event("GCEnd", {6}); }},
    {"GCBegin with an unknown stack", [](G& g) -> auto& { return cpu(g).event("GCBegin", {5, 99}); }},
    {"GCEnd without begin", [](G& g) -> auto& { return cpu(g).event("GCEnd", {1}); }},
    {"GCSweepBegin without P", [](G& g) -> auto& { return bare_m(g).event("GCSweepBegin", {0}); }},
    {"GCSweepBegin twice", [](G& g) -> auto& { return cpu(g).event("GCSweepBegin", {0}).event("GCSweepBegin", {0}); }},
    {"GCSweepEnd without begin", [](G& g) -> auto& { return cpu(g).event("GCSweepEnd", {0, 0}); }},
    {"GCSweepActive of an unknown P", [](G& g) -> auto& { return cpu(g).event("GCSweepActive", {5}); }},
    {"GCSweepActive twice", [](G& g) -> auto& { return cpu(g).event("GCSweepActive", {0}).event("GCSweepActive", {0}); }},
    {"GCMarkAssistBegin without goroutine", [](G& g) -> auto& { return bare_p(g).event("GCMarkAssistBegin", {0}); }},
    {"GCMarkAssistBegin twice", [](G& g) -> auto& { return cpu(g).event("GCMarkAssistBegin", {0}).event("GCMarkAssistBegin", {0}); }},
    {"GCMarkAssistEnd without begin", [](G& g) -> auto& { return cpu(g).event("GCMarkAssistEnd"); }},
    {"GCMarkAssistActive of an unknown goroutine", [](G& g) -> auto& { return cpu(g).event("GCMarkAssistActive", {9}); }},
    {"GCMarkAssistActive twice", [](G& g) -> auto& { return cpu(g).event("GCMarkAssistActive", {1}).event("GCMarkAssistActive", {1}); }},
    {"HeapAlloc without P", [](G& g) -> auto& { return bare_m(g).event("HeapAlloc", {1}); }},
    {"HeapGoal without P", [](G& g) -> auto& { return bare_m(g).event("HeapGoal", {1}); }},
    {"HeapAlloc by nobody", [](G& g) -> auto& { return g.nobody().event("HeapAlloc", {1}); }},
    {"ProcsChange without goroutine", [](G& g) -> auto& { return bare_p(g).event("ProcsChange", {1, 0}); }},
    {"GoLabel without goroutine", [](G& g) -> auto& { return bare_p(g).event("GoLabel", {0}); }},
    {"GoLabel with an unknown label", [](G& g) -> auto& { return cpu(g).event("GoLabel", {99}); }},
    {"an allocation event by nobody", [](G& g) -> auto& { return g.nobody().event("SpanFree", {1}); }},
    // What may have to wait, and waits for ever.
    {"GoStart of an unknown goroutine", [](G& g) -> auto& { return bare_p(g).event("GoStart", {5, 1}); }},
    {"GoStart of a waiting goroutine", [](G& g) -> auto& { return bare_p(g).event("GoStatus", {5, -1, 4}).event("GoStart", {5, 1}); }},
    {"GoStart with a number ahead", [](G& g) -> auto& { return bare_p(g).event("GoStatus", {5, -1, 1}).event("GoStart", {5, 2}); }},
    {"GoStart with a number behind", [](G& g) -> auto& { return bare_p(g).event("GoStatus", {5, -1, 1}).event("GoStart", {5, 0}); }},
    {"GoUnblock of a runnable goroutine", [](G& g) -> auto& { return cpu(g).event("GoStatus", {5, -1, 1}).event("GoUnblock", {5, 1, 0}); }},
    {"GoUnblock of a dead goroutine", [](G& g) -> auto& { return cpu(g).event("GoDestroy").event("GoUnblock", {1, 1, 0}); }},
    {"GoSwitch to a running goroutine", [](G& g) -> auto& { return cpu(g).event("GoSwitch", {1, 1}); }},
    {"ProcStart of an unknown P", [](G& g) -> auto& { return bare_m(g).event("ProcStart", {5, 1}); }},
    {"ProcStart of a running P", [](G& g) -> auto& { cpu(g); return g.batch(8, 1100).event("ProcStart", {0, 1}); }},
    {"ProcStart on a thread that keeps its P", [](G& g) -> auto& { return cpu(g).event("ProcStatus", {1, 2}).event("ProcStart", {1, 1}); }},
    {"ProcSteal of a running P", [](G& g) -> auto& { cpu(g); return g.batch(8, 1100).event("ProcSteal", {0, 1, 7}); }},
    {"ProcSteal with another number", [](G& g) -> auto& { in_syscall(g); return g.batch(8, 1100).event("ProcSteal", {0, 5, 7}); }},
    {"GoSyscallEndBlocked with its P never lost", [](G& g) -> auto& { return in_syscall(g).event("GoSyscallEndBlocked"); }},
    {"GCEnd with another number", [](G& g) -> auto& { return cpu(g).event("GCBegin", {5, 0}).event("GCEnd", {7}); }},
};
// clang-format on

}  // namespace

TEST_CASE("Each rule of the order, broken once, is a fault at the event that breaks it") {
  int cases = 0;
  for (const Case& c : kCases) {
    CAPTURE(c.why);
    TraceBuilder b(26);
    auto& g = b.generation(1);
    BatchBuilder& wrong = c.build(g);
    const Outcome got = read_trace(b.bytes());
    REQUIRE(got.facts.faults.size() == 1);
    const Fault& fault = got.facts.faults[0];
    CHECK(fault.kind == FaultKind::kInvalid);
    CHECK(fault.generation == 1);
    CHECK(fault.offset == wrong.last_offset());
    // The case's name begins with the event's.
    const std::string why = c.why;
    if (!why.starts_with("an ")) CHECK(fault.event == why.substr(0, why.find(' ')));
    CHECK(got.facts.damaged());
    CHECK_FALSE(got.facts.generations.at(0).complete);
    // All that came before is there, and nothing follows: no gap.
    REQUIRE(got.lines.size() >= 2);
    CHECK(std::ranges::none_of(got.lines, [](const std::string& line) {
      return line.find(" gap ") != std::string::npos;
    }));
    ++cases;
  }
  CHECK(cases == 95);
}

TEST_CASE("In later generations nothing may turn up out of nowhere") {
  struct Later {
    const char* why;
    void (*first)(GenerationBuilder& g);
    BatchBuilder& (*second)(GenerationBuilder& g);
  };
  const auto plain = [](G& g) { on_cpu(g, 7, 0, 1); };
  // clang-format off
  const Later cases[] = {
      {"GoStatus of an unknown goroutine", plain, [](G& g) -> auto& { return g.thread(7).event("GoStatus", {9, -1, kGoWaiting}); }},
      {"GoStatus of another state", plain, [](G& g) -> auto& { return g.thread(7).event("GoStatus", {1, -1, kGoWaiting}); }},
      {"ProcStatus of another state", plain, [](G& g) -> auto& { return g.thread(7).event("ProcStatus", {0, kProcIdle}); }},
      {"GoSyscallBegin before the P was announced", plain, [](G& g) -> auto& { return g.thread(7).event("GoSyscallBegin", {1, 0}); }},
      {"GoStart before the goroutine was announced", [](G& g) { on_cpu(g, 7, 0, 1).event("GoStop", {0, 0}); }, [](G& g) -> auto& { return g.thread(7).event("GoStart", {1, 1}); }},
      {"GCActive without GC", plain, [](G& g) -> auto& { return g.thread(7).event("GCActive", {1}); }},
      {"GCSweepActive without sweep", plain, [](G& g) -> auto& { return g.thread(7).event("GCSweepActive", {0}); }},
      {"GCMarkAssistActive without assist", plain, [](G& g) -> auto& { return g.thread(7).event("GCMarkAssistActive", {1}); }},
      {"GoStatus of a syscall on another's thread", [](G& g) { on_cpu(g, 7, 0, 1).event("GoSyscallBegin", {1, 0}); }, [](G& g) -> auto& { return g.thread(9).event("GoStatus", {1, 9, kGoSyscall}); }},
      {"GoBlock with a string of the last generation", [](G& g) { g.string("sync"); on_cpu(g, 7, 0, 1); }, [](G& g) -> auto& { return g.thread(7).event("GoBlock", {1, 0}); }},
      {"ProcStatus abandoned, in a syscall that no thread is in", [](G& g) { on_cpu(g, 7, 0, 1).event("GoSyscallBegin", {1, 0}).event("ProcStatus", {1, kProcRunning}); }, [](G& g) -> auto& { return g.thread(8).event("ProcStatus", {0, kProcAbandoned}); }},
      {"UserRegionEnd of another region", [](G& g) { on_cpu(g, 7, 0, 1).event("UserRegionBegin", {0, "a", 0}); }, [](G& g) -> auto& { return g.thread(7).event("UserRegionEnd", {0, "b", 0}); }},
  };
// clang-format on
for (const Later& c : cases) {
  CAPTURE(c.why);
  TraceBuilder b(26);
  c.first(b.generation(1));
  BatchBuilder& wrong = c.second(b.generation(2));
  const Outcome got = read_trace(b.bytes());
  REQUIRE(got.facts.faults.size() == 1);
  const Fault& fault = got.facts.faults[0];
  CHECK(fault.kind == FaultKind::kInvalid);
  CHECK(fault.generation == 2);
  CHECK(fault.offset == wrong.last_offset());
  const std::string why = c.why;
  CHECK(fault.event == why.substr(0, why.find(' ')));
  CHECK(got.facts.generations.at(0).complete);
}
}

TEST_CASE("Threads that wait for each other in a circle are a fault, not a hang") {
  TraceBuilder b(26);
  auto& g = b.generation(1);
  g.nobody().event("GoStatus", {1, -1, kGoWaiting}).event("GoStatus", {2, -1, kGoWaiting});
  g.thread(7)
      .event("ProcStatus", {0, 1})
      .event("GoUnblock", {1, 2, 0})
      .event("GoUnblock", {2, 1, 0});
  g.thread(8)
      .event("ProcStatus", {1, 1})
      .event("GoUnblock", {2, 2, 0})
      .event("GoUnblock", {1, 1, 0});
  const Outcome got = read_trace(b.bytes());
  REQUIRE(got.facts.faults.size() == 1);
  CHECK(got.facts.faults[0].kind == FaultKind::kInvalid);
  CHECK(got.facts.faults[0].event == "GoUnblock");
  CHECK(got.facts.faults[0].lost.events == 4);
}
