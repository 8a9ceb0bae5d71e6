#include "tests/growth/shapes.h"

#include <map>
#include <string>

namespace tracetool::test {
namespace {

std::string named(const char* what, int i) { return what + std::to_string(i); }

/// Goroutine 1 on M7 and P0, goroutine 2 on M8 and P1, both running. Time only passes; it has
/// passed for a second before anything happens, so that twice the events do not mean a longer
/// capture.
class Pair {
 public:
  explicit Pair(int procs = 2) {
    on_cpu(generation_, 7, 0, 1);
    on_cpu(generation_, 8, 1, 2);
    first("ProcsChange", {procs, 0});
    wait(1'000'000'000);
  }
  void first(const char* event, std::initializer_list<Arg> args = {}) { add(7, event, args); }
  void second(const char* event, std::initializer_list<Arg> args = {}) { add(8, event, args); }
  void third(const char* event, std::initializer_list<Arg> args = {}) { add(9, event, args); }
  void wait(uint64_t time) { now_ += time; }
  /// The next sequence number of a goroutine.
  int seq(int goroutine) { return ++seqs_[goroutine]; }
  GenerationBuilder& generation() { return generation_; }
  TraceBuilder& trace() { return trace_; }
  uint64_t now() const { return now_; }
  /// Goroutine 1 blocks, 2 wakes it from `waker`, and it runs again.
  void block_first(const std::string& reason, const Arg& stack, const Arg& waker) {
    first("GoBlock", {reason.c_str(), stack});
    second("GoUnblock", {1, seq(1), waker});
    first("GoStart", {1, seq(1)});
  }

 private:
  /// A batch holds 64 KiB at most.
  void add(int m, const char* event, std::initializer_list<Arg> args) {
    constexpr int kFill = 1500;
    now_ += 10;
    Thread& thread = threads_[m];
    if (thread.batch == nullptr) thread.batch = &generation_.thread(m);
    if (++thread.events % kFill == 0) thread.batch = &generation_.batch(m, now_);
    thread.batch->at(now_).event(event, args);
  }

  struct Thread {
    BatchBuilder* batch = nullptr;
    int events = 0;
  };
  TraceBuilder trace_{26};
  GenerationBuilder& generation_ = trace_.generation(1);
  std::map<int, Thread> threads_;
  uint64_t now_ = 2000;
  std::map<int, int> seqs_;
};

Bytes tasks_that_end_in_turn(int n) {
  Pair t;
  for (int i = 1; i <= n; ++i) t.first("UserTaskBegin", {i, 0, "t", frames({"main.f"})});
  for (int i = 1; i <= n; ++i) {
    t.block_first("sync", frames({"main.f"}), frames({"main.g"}));
    t.first("UserTaskEnd", {i, frames({"main.f"})});
  }
  return t.trace().bytes();
}

/// Each is a multiple of all sizes that a plain hash table has meanwhile.
Bytes task_ids_that_fall_together(int n) {
  Pair t;
  const auto id = [](int i) { return int64_t{541} * 1109 * 2357 * 5087 * 10273 * i; };
  for (int i = 1; i <= n; ++i) t.first("UserTaskBegin", {id(i), 0, "t", frames({"main.f"})});
  for (int i = 1; i <= n; ++i) t.first("UserTaskEnd", {id(i), frames({"main.f"})});
  return t.trace().bytes();
}

Bytes regions_in_regions(int n) {
  Pair t;
  for (int i = 1; i <= n; ++i)
    t.first("UserRegionBegin", {i, named("r", i % 10).c_str(), frames({"main.f"})});
  for (int i = 0; i < n; ++i)
    t.block_first(named("reason ", i), frames({"main.f"}), frames({"main.g"}));
  for (int i = n; i >= 1; --i)
    t.first("UserRegionEnd", {i, named("r", i % 10).c_str(), frames({"main.f"})});
  return t.trace().bytes();
}

Bytes procs_come_and_go(int n) {
  Pair t;
  for (int p = 2; p < n; ++p) t.first("ProcStatus", {p, kProcIdle});
  for (int i = 0; i < n; ++i) t.first("ProcsChange", {i % 2 == 0 ? n : 2, 0});
  return t.trace().bytes();
}

Bytes procs_with_assists(int n) {
  Pair t;
  for (int i = 0; i < n; ++i) {
    t.first("GCMarkAssistBegin", {0});
    t.second("ProcsChange", {i % 2 == 0 ? n : 2, 0});
    t.first("GCMarkAssistEnd");
  }
  return t.trace().bytes();
}

/// Each P turns out to have run since the begin, each goroutine to have been runnable.
Bytes procs_turn_up_late(int n) {
  Pair t(n + 2);
  for (int i = 0; i < n; ++i) t.first("GoStatus", {n + 10 + i, -1, kGoWaiting});
  for (int i = 0; i < n; ++i) {
    t.block_first("chan receive", frames({named("main.f", i)}), frames({"main.g"}));
    t.wait(10);
    t.generation()
        .batch(100 + i, t.now())
        .event("ProcStatus", {2 + i, kProcRunning})
        .event("GoStatus", {10 + i, 100 + i, kGoRunning});
    t.first("GoStatus", {2 * n + 10 + i, -1, kGoRunnable});
  }
  return t.trace().bytes();
}

Bytes runnable_turn_up_late(int n) {
  Pair t(n + 2);
  for (int p = 2; p < n; ++p) t.first("ProcStatus", {p, kProcIdle});
  for (int i = 0; i < n; ++i) {
    t.first("GoStop", {"preempted", frames({"main.f"})});
    t.first("GoStart", {1, t.seq(1)});
    t.first("GoStatus", {10 + i, -1, kGoRunnable});
    t.second("GoBlock", {"sleep", frames({"main.f"})});
    t.second("GoStart", {10 + i, t.seq(10 + i)});
    t.second("GoDestroy");
    t.first("GoUnblock", {2, t.seq(2), frames({"main.g"})});
    t.second("GoStart", {2, t.seq(2)});
  }
  return t.trace().bytes();
}

/// Goroutines with a place of their own, then contradictions, each behind an assist.
Bytes gaps(int n) {
  Pair t(n);
  for (int i = 0; i < n; ++i)
    t.first("GoCreate", {10 + i, frames({"main.f"}), frames({named("main.f", i)})});
  for (int i = 0; i < n; ++i) {
    on_cpu(t.trace().generation(2 + static_cast<uint64_t>(i), t.now() + 1000 * (1 + i)), 7, 0, 1)
        .event("ProcsChange", {n, 0})
        .event("GCMarkAssistBegin", {0})
        .event("GoDestroy")
        .event("GoDestroy");
  }
  return t.trace().bytes();
}

/// Objects of types of their own that are all live, spans over spans, and objects in one slot.
Bytes allocations(int n) {
  Pair t(2);
  Bytes types{0};
  for (int i = 0; i < n; ++i) {
    const std::string name = named("main.t", i);
    for (const int number : {i + 1, 0, 8, 8, static_cast<int>(name.size())})
      put_varint(types, static_cast<uint64_t>(number));
    types.insert(types.end(), name.begin(), name.end());
  }
  t.generation().batch(-1, t.now()).experiment(1).raw({1, 0, 0x80, 0x40, 8, 0x80, 0x10});
  t.generation().batch(-1, t.now()).experiment(1).raw(types);
  for (int i = 0; i < n; ++i) {
    t.first("SpanAlloc", {n - i, 2, 20});
    t.first("HeapObjectAlloc", {(n - i) * 1024, i + 1});
    t.first("HeapObjectAlloc", {0, 0});
    t.first("GoroutineStackAlloc", {i, 12});
  }
  for (int i = 0; i < n; ++i) {
    t.first("SpanFree", {n - i});
    t.first("HeapObjectFree", {0});
  }
  return t.trace().bytes();
}

/// Threads that are seen again behind each of many gaps, with calls that never end.
Bytes threads_and_gaps(int n) {
  TraceBuilder b(26);
  for (int i = 0; i < n; ++i) {
    auto& g = b.generation(1 + static_cast<uint64_t>(i), 2000 + 1000 * static_cast<uint64_t>(i));
    g.nobody().event("GoStatus", {10 + i, 100 + i, kGoSyscall});
    on_cpu(g, 7, 0, 1).event("GoDestroy").event("GoDestroy");
  }
  return b.bytes();
}

Bytes stops_of_a_late_proc(int n) {
  Pair t(n + 10);
  t.generation()
      .batch(9, t.now())
      .event("ProcStatus", {n, kProcRunning})
      .event("GoStatus", {3, 9, kGoRunning});
  int proc_seq = 0;
  for (int i = 0; i < n; ++i) {
    t.first("STWBegin", {"GC mark termination", frames({"main.f"})});
    t.wait(20);
    t.third("GoStop", {"preempted", frames({"main.g"})});
    t.third("ProcStop");
    t.first("ProcsChange", {n + 10, 0});
    t.first("STWEnd");
    t.wait(20);
    t.third("ProcStart", {n, ++proc_seq});
    t.third("GoStart", {3, t.seq(3)});
  }
  return t.trace().bytes();
}

/// Each is the longest so far, and there are many who might wait for it.
Bytes serial_phases(int n) {
  Pair t;
  for (int i = 0; i < n; ++i) {
    const int g = 10 + i;
    t.first("GoCreate", {g, frames({"main.f"}), frames({"main.g"})});
    t.second("GoBlock", {"sleep", frames({"main.h"})});
    t.second("GoStart", {g, t.seq(g)});
    t.second("GoBlock", {"chan receive", frames({"main.f"})});
    t.first("GoUnblock", {2, t.seq(2), frames({"main.g"})});
    t.second("GoStart", {2, t.seq(2)});
  }
  for (int i = 0; i < n; ++i) {
    t.second("GoBlock", {"sleep", frames({"main.h"})});
    t.wait(200'000 + static_cast<uint64_t>(10 * i));
    t.first("GoUnblock", {2, t.seq(2), frames({"main.g"})});
    t.second("GoStart", {2, t.seq(2)});
  }
  return t.trace().bytes();
}

/// At one place, for many reasons, from many others, again and again.
Bytes wakers_of_one_place(int n) {
  Pair t;
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < n; ++i)
      t.block_first(named("reason ", i), frames({"main.f"}), frames({named("main.f", i)}));
  }
  return t.trace().bytes();
}

/// Many start functions that run alone up to the same place.
Bytes groups_at_one_place(int n) {
  Pair t;
  t.second("GoBlock", {"sleep", frames({"main.h"})});
  for (int i = 0; i < n; ++i)
    t.first("GoCreate", {10 + i, frames({named("main.f", i)}), frames({"main.g"})});
  t.first("GoBlock", {"sleep", frames({"main.h"})});
  for (int round = 0; round < 2; ++round) {
    for (int g = 10; g < 10 + n; ++g) {
      t.first("GoStart", {g, t.seq(g)});
      t.first("GoStop", {"preempted", frames({"main.at"})});
    }
  }
  return t.trace().bytes();
}

/// Utilization changes often, and then turns out to have been lower all the time.
Bytes assists_from_the_start(int n) {
  Pair t(n + 2);
  for (int i = 0; i < n; ++i) {
    t.first("GCMarkAssistBegin", {0});
    t.first("GCMarkAssistEnd");
  }
  for (int i = 0; i < n; ++i) {
    t.wait(10);
    t.generation()
        .batch(100 + i, t.now())
        .event("ProcStatus", {2 + i, kProcRunning})
        .event("GoStatus", {10 + i, 100 + i, kGoRunning})
        .event("GCMarkAssistActive", {10 + i});
  }
  return t.trace().bytes();
}

/// Everything else that has a name or a place, each time another one.
Bytes all_are_different(int n) {
  Pair t;
  for (int i = 0; i < n; ++i) {
    const Arg place = frames({named("main.f", i)});
    t.first("UserTaskBegin", {i + 1, i, named("task ", i).c_str(), place});
    t.first("UserRegionBegin", {i + 1, named("region ", i).c_str(), place});
    t.first("UserLog", {i + 1, named("key ", i).c_str(), named("text ", i).c_str(), place});
    t.first("GoLabel", {named("label ", i).c_str()});
    t.first("GoSyscallBegin", {i + 1, place});
    t.first("GoSyscallEnd");
    t.first("HeapAlloc", {i});
    t.first("HeapGoal", {2 * i});
    t.first("GCBegin", {2 * i + 1, place});
    t.first("STWBegin", {named("kind ", i).c_str(), place});
    t.first("STWEnd");
    t.first("GCMarkAssistBegin", {place});
    t.first("GCMarkAssistEnd");
    t.first("GCSweepBegin", {place});
    t.first("GCSweepEnd", {100, 50});
    t.first("GCEnd", {2 * i + 2});
    t.first("GoCreate", {10 + i, place, place});
    t.first("UserRegionEnd", {i + 1, named("region ", i).c_str(), place});
    t.generation().sample(t.now(), 7, 0, 1, place);
  }
  return t.trace().bytes();
}

/// Stacks that differ in one frame only, with names of which each row would have a copy.
Bytes deep_stacks(int n) {
  Frames deep;
  for (int i = 0; i < 100; ++i)
    deep.functions.push_back("main." + std::string(500, 'f') + named("", i));
  Pair t;
  for (int i = 0; i < n; ++i) {
    deep.functions[0] = named("main.leaf", i);
    const Arg place(deep);
    t.block_first("sync", place, place);
    t.first("GoSyscallBegin", {i + 1, place});
    t.first("GoSyscallEnd");
    t.first("STWBegin", {"kind", place});
    t.first("STWEnd");
    t.first("GCMarkAssistBegin", {place});
    t.first("GCMarkAssistEnd");
    t.generation().sample(t.now(), 7, 0, 1, place);
  }
  return t.trace().bytes();
}

}  // namespace

const std::vector<Shape>& all_shapes() {
  static const std::vector<Shape> kShapes = {
      {"tasks that end one after the other", tasks_that_end_in_turn, 1500},
      {"tasks whose numbers fall together", task_ids_that_fall_together, 1500},
      {"regions in regions, and many reasons to wait", regions_in_regions, 1000},
      {"GOMAXPROCS that alternates", procs_come_and_go, 3000},
      {"GOMAXPROCS that alternates during assists", procs_with_assists, 1500},
      {"Ps that turn out to have run all the time", procs_turn_up_late, 600},
      {"goroutines that turn out to have been runnable", runnable_turn_up_late, 1000},
      {"gaps", gaps, 500, true},
      {"allocations of many types, and spans over spans", allocations, 600},
      {"threads, calls and gaps", threads_and_gaps, 500, true},
      {"stops of a P with a large number", stops_of_a_late_proc, 2000},
      {"serial phases of which each is the longest", serial_phases, 1500},
      {"wakers of one place", wakers_of_one_place, 700},
      {"start functions at one place", groups_at_one_place, 700},
      {"assists that began before the trace", assists_from_the_start, 600},
      {"names and places that are all different", all_are_different, 300},
      {"deep stacks of long names", deep_stacks, 300},
  };
  return kShapes;
}

}  // namespace tracetool::test
