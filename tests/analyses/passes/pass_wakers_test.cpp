// Wakers, worked out on paper; and on all captures: every wait that ended has one.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/support/pass_run.h"
#include "tests/support/reference_events.h"

namespace tracetool {
extern const PassInfo wakers_pass;
}

using namespace tracetool;
using namespace tracetool::test;

namespace {

using Lines = std::vector<std::string>;

/// G2 waits from 100 for a mutex that G1 holds. G1 runs until 110, is blocked on the network until
/// 150, and unlocks at 170. Then G2 sleeps.
Bytes lock_across_io() {
  TraceBuilder b(26);
  auto& g = b.generation(1, 1000);
  auto& m7 = on_cpu(g, 7, 0, 1);
  auto& m8 = g.thread(8);
  m8.at(1010).event("ProcStatus", {1, kProcRunning});
  m8.at(1012).event("GoStatus", {2, 8, kGoRunning});
  m7.at(1050).event("GoStop", {"preempted", frames({"main.hold"})});
  m7.at(1060).event("GoStart", {1, 1});
  m8.at(1100).event("GoBlock", {"sync", frames({"sync.(*Mutex).Lock", "main.want"})});
  m7.at(1110).event("GoBlock", {"network", frames({"net.Read", "main.hold"})});
  m8.at(1150).event("GoUnblock", {1, 2, frames({})});
  m7.at(1155).event("GoStart", {1, 3});
  m7.at(1170).event("GoUnblock", {2, 1, frames({"sync.(*Mutex).Unlock", "main.hold"})});
  m8.at(1180).event("GoStart", {2, 2});
  m8.at(1190).event("GoBlock", {"sleep", frames({"time.Sleep", "main.want"})});
  m8.at(1290).event("GoUnblock", {2, 3, frames({})});
  m8.at(1295).event("GoStart", {2, 4});
  m8.at(1299).event("GoBlock", {"forever", frames({"main.want"})});
  return b.bytes();
}

}  // namespace

TEST_CASE("wakers: pairs of stacks, the runtime's part told apart", "[wakers]") {
  const Report report = run_bytes(lock_across_io(), wakers_pass, {});
  CHECK(rows(table(report, "wakers"), {"waiting_stack", "waker_stack", "waker", "reason", "count",
                                       "wait_ns", "max_ns", "longest_goroutine"}) ==
        Lines{"net.Read<main.hold|-|(netpoller)|network|1|40|40|1",
              "sync.(*Mutex).Lock<main.want|sync.(*Mutex).Unlock<main.hold|main.hold|sync|1|70|70|"
              "2",
              "time.Sleep<main.want|-|(timer)|sleep|1|100|100|2"});
}

TEST_CASE("wakers: a wait across the window's border counts as far as it lies inside", "[wakers]") {
  RunOptions run;
  run.to = 160;
  const Report report = run_bytes(lock_across_io(), wakers_pass, {}, run);
  CHECK(rows(table(report, "wakers"), {"waiting_stack", "count", "wait_ns"}) ==
        Lines{"net.Read<main.hold|1|40", "sync.(*Mutex).Lock<main.want|1|60"});
}

TEST_CASE("wakers: one wait explained", "[wakers]") {
  const Report report = run_bytes(lock_across_io(), wakers_pass, {{"--wait", "2@120ns"}});
  CHECK(rows(table(report, "wait"),
             {"goroutine", "begin_ns", "wait_ns", "reason", "waker", "waker_stack"}) ==
        Lines{"2|100|70|sync|1|sync.(*Mutex).Unlock<main.hold"});
  CHECK(rows(table(report, "wait_waker"), {"begin_ns", "length_ns", "state", "reason", "stack"}) ==
        Lines{"100|10|execution|network|net.Read<main.hold",
              "110|40|block|network|net.Read<main.hold", "150|5|sched wait|-|-",
              "155|15|execution|-|sync.(*Mutex).Unlock<main.hold"});
}

/// G3 waits from 2,300 for G2, which waits until 5,000 for G1: who is next stands in the table.
TEST_CASE("wakers: from one wait to the next", "[wakers]") {
  TraceBuilder b(26);
  auto& g = b.generation(1, 1000);
  auto& m7 = on_cpu(g, 7, 0, 1);
  auto& m8 = g.thread(8);
  m8.at(1010).event("ProcStatus", {1, kProcRunning});
  m8.at(1012).event("GoStatus", {2, 8, kGoRunning});
  m8.at(3000).event("GoBlock", {"sync", frames({"main.two"})});
  m8.at(3100).event("GoStatus", {3, -1, kGoRunnable});
  m8.at(3200).event("GoStart", {3, 1});
  m8.at(3300).event("GoBlock", {"chan receive", frames({"main.three"})});
  m7.at(6000).event("GoUnblock", {2, 1, frames({"main.one"})});
  m7.at(6100).event("GoBlock", {"sleep", frames({"main.one"})});
  m7.at(6200).event("GoStart", {2, 2});
  m7.at(7000).event("GoUnblock", {3, 2, frames({"main.two"})});
  const Bytes bytes = b.bytes();
  const auto told = [&](const char* wait) {
    return run_bytes(bytes, wakers_pass, {{"--wait", wait}});
  };
  const Report report = told("3@5us");
  CHECK(rows(table(report, "wait"), {"begin_ns", "wait_ns", "waker"}) == Lines{"2300|3700|2"});
  CHECK(rows(table(report, "wait_waker"), {"begin_ns", "length_ns", "state", "woken_by"}) ==
        Lines{"2300|2700|block|1", "5000|200|sched wait|-", "5200|800|execution|-"});
  // 2,300 may be shown as 2 µs, and nobody types that for a time when it ran: but 2,299 ns is one.
  CHECK(rows(table(told("3@2us"), "wait"), {"begin_ns"}) == Lines{"2300"});
  const auto note = [&](const char* wait) { return table(told(wait), "wait").notes.at(0); };
  CHECK(note("3@2299ns") ==
        "goroutine 3 was not waiting at 0.000002s: execution from 0.000002s to 0.000002s; the next "
        "one begins at 0.000002s");
  CHECK(note("2@5500ns") ==
        "goroutine 2 was not waiting at 0.000006s: execution from 0.000005s to 0.000006s; the wait "
        "before that began at 0.000002s");
  // The first ns of it.
  CHECK(note("2@5200ns").find("at 0.000005s: execution from 0.000005s to 0.000006s; the wait ") !=
        std::string::npos);
  CHECK(note("9@5us") == "there is no goroutine 9 in the capture");
}

TEST_CASE("wakers: waits that the runtime ends, that nobody ends, and none", "[wakers]") {
  const auto wait = [](const char* which) {
    return run_bytes(lock_across_io(), wakers_pass, {{"--wait", which}});
  };
  const Report slept = wait("2@200ns");
  CHECK(rows(table(slept, "wait"), {"begin_ns", "wait_ns", "waker", "waker_start_location"}) ==
        Lines{"190|100|-|(timer)"});
  CHECK(table(slept, "wait_waker").rows.empty());
  const Report forever = wait("2@299ns");
  REQUIRE(table(forever, "wait").rows.size() == 1);
  CHECK(table(forever, "wait").notes.size() == 1);
  const Report running = wait("2@183ns");
  CHECK(table(running, "wait").rows.empty());
  CHECK(table(running, "wait").notes.size() == 1);
  CHECK(refusal(wakers_pass, {{"--wait", "42"}}).find("--wait") == 0);
  CHECK(refusal(wakers_pass, {{"--wait", "x@1s"}}).find("--wait") == 0);
}

TEST_CASE("wakers: the profiles' blocked time is all there, on all captures", "[wakers]") {
  size_t compared = 0;
  for (const auto& path : captures()) {
    INFO(path);
    const nlohmann::json all = answers(path);
    if (all["profile"].contains("error")) continue;  // the reference cannot read it
    int64_t expected = 0, ours = 0;
    for (const auto& record : all["profile"]["net"]) expected += record["time"].get<int64_t>();
    const Report report = run_file(path, wakers_pass, {});
    const Table& wakers = table(report, "wakers");
    for (size_t i = 0; i < wakers.rows.size(); ++i)
      if (cell(wakers, i, "reason") == "network") ours += std::stoll(cell(wakers, i, "wait_ns"));
    CHECK(ours == expected);
    compared += expected > 0;
  }
  CHECK(compared == 24);
}

TEST_CASE("wakers: every wait that ended is there, on all captures", "[wakers]") {
  size_t compared = 0;
  for (const auto& path : captures()) {
    INFO(path);
    // By reason: how many, how long, and how many of them a goroutine ended.
    struct Sum {
      int64_t count = 0, time = 0, by_goroutine = 0;
      bool operator==(const Sum&) const = default;
    };
    std::map<std::string, Sum> expected, ours;
    std::map<std::string, std::pair<int64_t, std::string>> since;
    for (const nlohmann::json& e : reference_events_with(path, {"\"StateTransition\""})) {
      const auto who = e["resource"].get<std::string>();
      if (!who.starts_with("Goroutine(") || e["from"] == e["to"]) continue;
      const auto time = e["time"].get<int64_t>();
      auto& [began, reason] = since[who];
      if (e["from"] == "Waiting" && e["to"] == "Runnable") {
        Sum& sum = expected[reason.empty() ? "(none given)" : reason];
        ++sum.count;
        sum.time += time - began;
        sum.by_goroutine += e["g"] != -1;
      }
      began = time;
      reason = e["reason"].get<std::string>();
    }
    if (expected.empty()) continue;  // the reference cannot read it
    const Report report = run_file(path, wakers_pass, {});
    const Table& wakers = table(report, "wakers");
    for (size_t i = 0; i < wakers.rows.size(); ++i) {
      Sum& sum = ours[cell(wakers, i, "reason")];
      const int64_t count = std::stoll(cell(wakers, i, "count"));
      sum.count += count;
      sum.time += std::stoll(cell(wakers, i, "wait_ns"));
      const std::string waker = cell(wakers, i, "waker");
      const bool runtime =
          waker == "(netpoller)" || waker == "(timer)" || waker == "(GC)" || waker == "(runtime)";
      sum.by_goroutine += runtime ? 0 : count;
    }
    for (const auto& [reason, sum] : expected) {
      INFO(reason << ": " << ours[reason].count << " waits, " << ours[reason].time << " ns, "
                  << ours[reason].by_goroutine << " ended by goroutines; the reference has "
                  << sum.count << ", " << sum.time << ", " << sum.by_goroutine);
      CHECK(ours[reason].count == sum.count);
      CHECK(ours[reason].time == sum.time);
      CHECK(ours[reason].by_goroutine <= sum.by_goroutine);
      ++compared;
    }
    CHECK(ours.size() == expected.size());
  }
  CHECK(compared == 985);
}
