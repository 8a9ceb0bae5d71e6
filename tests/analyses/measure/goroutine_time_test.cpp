// Where a goroutine's time went: by state and reason, and by class of wait.
#include "analyses/measure/goroutine_time.h"

#include <catch2/catch.hpp>
#include <string>

#include "analyses/measure/split_time.h"
#include "tests/analyses/measure/by_hand.h"

namespace tracetool {

using namespace test;

namespace {

std::string told(const NamedTimes& times) {
  std::string out;
  times.each([&](const NamedTime& t) {
    out +=
        std::to_string(t.name) + ':' + std::to_string(t.count) + '*' + std::to_string(t.time) + ' ';
  });
  return out;
}

Event wait(StringId reason, StackId stack, int64_t since, int64_t time) {
  Event e = transition(0, kWaits, kReady, since, time);
  e.since_name = reason;
  e.since_stack = stack;
  return e;
}

Event call(int64_t since, int64_t p_lost, int64_t time) {
  Event e = transition(0, kCalls, kRuns, since, time);
  e.arg = static_cast<uint64_t>(p_lost);
  return e;
}

StackId stack_of(Tables& tables, std::string_view function) {
  const FrameId frames[] = {
      tables.intern(Frame{.pc = 0, .function = tables.intern(function), .file = 0, .line = 0})};
  return tables.intern(frames);
}

}  // namespace

TEST_CASE("goroutine time: names add up, the first four in place and the others behind them") {
  NamedTimes times;
  CHECK(times.empty());
  for (StringId name = 1; name <= 6; ++name) times.add(name, 10 * name);
  for (const StringId name : {6U, 1U, 4U, 6U}) times.add(name, 1, 2);
  CHECK(told(times) == "1:3*11 2:1*20 3:1*30 4:3*41 5:1*50 6:5*62 ");
  CHECK(times.total() == 214);
  CHECK_FALSE(times.empty());
  times.clear();
  CHECK(times.empty());
  CHECK(times.total() == 0);
}

TEST_CASE("goroutine time: each state has its sum") {
  Tables tables;
  WaitReasons reasons(tables);
  const StringId sleep = tables.intern("sleep"), sync = tables.intern("sync");
  const StackId collectors = stack_of(tables, "runtime.gcStart");
  GoroutineTime time;
  const auto add = [&](const Event& e) { time.add(e, e.since, e.time, reasons); };
  add(transition(0, kReady, kRuns, 0, 3));     // 3 runnable
  add(transition(0, kRuns, kWaits, 3, 8));     // 5 running
  add(wait(sleep, 0, 8, 15));                  // 7 asleep
  add(wait(sync, 0, 20, 31));                  // 11 for a lock
  add(wait(sync, collectors, 40, 53));         // 13 for the collector
  add(call(60, kNever, 77));                   // 17 in a call
  add(call(100, 104, 123));                    // 4 more, and 19 without its P
  add(call(200, 150, 229));                    // 29 without its P, which was gone before
  add(transition(0, kNew, kReady, 300, 300));  // nothing was before
  CHECK(time.sched_wait == 3);
  CHECK(time.exec == 5);
  CHECK(time.syscall == 21);
  CHECK(time.syscall_block == 48);
  CHECK(told(time.block) == std::to_string(sleep) + ":1*7 " + std::to_string(sync) + ":1*11 " +
                                std::to_string(sync | kForCollector) + ":1*13 ");
  CHECK(time.accounted() == 108);
  time.clear();
  CHECK(time.accounted() == 0);
}

TEST_CASE("goroutine time: what is first seen in a state was in it before, uncounted") {
  Tables tables;
  WaitReasons reasons(tables);
  GoroutineTime time;
  Event first = transition(0, kOld, kWaits, 0, 40);
  first.name = tables.intern("sleep");
  time.add(first, 0, 40, reasons);
  CHECK(told(time.block) == std::to_string(first.name) + ":0*40 ");
  first.flags = kFlagOutside;  // all of it lies in the window
  time.add(first, 0, 40, reasons);
  CHECK(told(time.block) == std::to_string(first.name) + ":1*80 ");
}

TEST_CASE("split time: waits go to the classes of their reasons, the rest as for goroutines") {
  Tables tables;
  TimeSplitter splitter(tables);
  const StackId collectors = stack_of(tables, "runtime.gcStart");
  SplitTime split;
  const auto add = [&](const Event& e) { splitter.add(split, e, e.since, e.time); };
  add(wait(tables.intern("network"), 0, 0, 1));
  add(wait(tables.intern("sync"), 0, 0, 2));
  add(wait(tables.intern("select"), 0, 0, 4));
  add(wait(tables.intern("chan send"), 0, 0, 8));
  add(wait(tables.intern("sleep"), 0, 0, 16));
  add(wait(tables.intern("chan receive"), collectors, 0, 32));
  add(wait(tables.intern("unspecified"), 0, 0, 64));
  add(transition(0, kRuns, kWaits, 0, 128));
  add(transition(0, kReady, kRuns, 0, 256));
  add(call(0, 512, 1536));
  Event first = transition(0, kOld, kWaits, 0, 2048);
  first.name = tables.intern("sleep");
  add(first);
  CHECK(split.block_of(WaitClass::kNet) == 1);
  CHECK(split.block_of(WaitClass::kSync) == 2);
  CHECK(split.block_of(WaitClass::kSelect) == 4);
  CHECK(split.block_of(WaitClass::kChan) == 8);
  CHECK(split.block_of(WaitClass::kSleep) == 16 + 2048);
  CHECK(split.block_of(WaitClass::kGc) == 32);
  CHECK(split.block_of(WaitClass::kOther) == 64);
  CHECK(split.block_total() == 127 + 2048);
  CHECK(split.exec == 128);
  CHECK(split.sched_wait == 256);
  CHECK(split.syscall == 512);
  CHECK(split.syscall_block == 1024);
  CHECK(split.total() == 4095);
  SplitTime twice = split;
  twice.add(split);
  CHECK(twice.total() == 8190);
  CHECK(twice.syscall_block == 2048);
  CHECK(twice.block_of(WaitClass::kGc) == 64);
}

}  // namespace tracetool
