// Allocations: traces worked out on paper, and every committed capture that records them against a
// second computation over its raw events.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <sstream>

#include "analyses/passes/allocs/heap_spans.h"
#include "tests/support/cli_run.h"
#include "tests/support/event_lines.h"
#include "tests/support/files.h"
#include "tests/support/pass_run.h"
#include "tests/support/reference_events.h"

namespace tracetool {
extern const PassInfo allocs_pass;
}  // namespace tracetool

using namespace tracetool;
using namespace tracetool::test;
using Rows = std::vector<std::string>;

namespace {

constexpr int k48 = 5 << 2, k64 = 6 << 2, kTiny = (2 << 2) + 2, kLarge = 0, kNotHeap = 1;

void text(Bytes& out, std::string_view s) {
  put_varint(out, s.size());
  out.insert(out.end(), s.begin(), s.end());
}
/// Pages of 8 KiB, numbers of objects in units of 8 bytes.
void units(GenerationBuilder& g) {
  g.batch(-1, 1000).experiment(1).raw({1, 0, 0x80, 0x40, 8, 0x80, 0x10});
}
/// Types 1, 2, ... and how large they are.
void types(GenerationBuilder& g, const std::vector<std::pair<std::string, int>>& list) {
  Bytes body{0};
  for (size_t i = 0; i < list.size(); ++i) {
    put_varint(body, i + 1);
    put_varint(body, 0x1000);
    put_varint(body, static_cast<uint64_t>(list[i].second));
    put_varint(body, 8);
    text(body, list[i].first);
  }
  g.batch(-1, 1000).experiment(1).raw(body);
}

/// Two objects of 48 bytes exist. At 100 main.main allocates one more, two that share a slot, one
/// of four pages, and a stack; at 200 it starts main.worker, which at 300 allocates one of 48
/// bytes. Then the first, the shared slot, the large one and its span, and the older stack are
/// freed.
Bytes objects(bool worker_is_named_later = false) {
  TraceBuilder b(26);
  auto& g = b.generation(1, 1000);
  units(g);
  types(g, {{"main.node", 40}, {"int8", 1}});
  on_cpu(g, 7, 0, 1)
      .at(1010)
      .event("Span", {0, 1, k48})
      .event("HeapObject", {0, 0})
      .event("HeapObject", {6, 1})
      .event("Span", {1, 1, kTiny})
      .event("Span", {2, 2, kNotHeap})
      .event("GoroutineStack", {1000, 12})
      .at(1100)
      .event("HeapObjectAlloc", {12, 1})
      .event("HeapObjectAlloc", {1024, 2})
      .event("HeapObjectAlloc", {1025, 2})
      .event("SpanAlloc", {8, 4, kLarge})
      .event("HeapObjectAlloc", {8192, 0})
      .event("GoroutineStackAlloc", {1001, 13})
      .at(1200)
      .event("GoCreate",
             {2, worker_is_named_later ? Frames{} : frames({"main.worker"}), frames({"main.main"})})
      .event("GoBlock", {"sync", frames({"main.main"})})
      .event("GoStart", {2, 1})
      .at(1300)
      .event("HeapObjectAlloc", {18, 1})
      .event("HeapObjectFree", {0})
      .event("HeapObjectFree", {1024})
      .event("HeapObjectFree", {8192})
      .event("SpanFree", {8})
      .event("GoroutineStackFree", {1000})
      .at(1400)
      .event("GoBlock", {"sync", frames({"main.worker"})});
  return b.bytes();
}

const Rows kCounts = {"existed", "allocated", "freed", "lost", "live"};
const Rows kBytes = {"existed_bytes", "allocated_bytes", "freed_bytes", "lost_bytes", "live_bytes"};

Rows named(const std::string& key, const Rows& columns) {
  Rows out = {key};
  out.insert(out.end(), columns.begin(), columns.end());
  return out;
}
Rows with_prefix(const std::string& prefix, Rows columns) {
  for (std::string& c : columns) c.insert(0, prefix);
  return columns;
}
bool has_note(const Table& t, const std::string& part) {
  return std::ranges::any_of(
      t.notes, [&](const std::string& n) { return n.find(part) != std::string::npos; });
}

/// Captures that record allocations.
std::vector<std::filesystem::path> recorded() {
  std::vector<std::filesystem::path> out;
  for (const auto& path : captures()) {
    const std::string name = path.filename().string();
    if (name.starts_with("allocfree") || name.starts_with("objects")) out.push_back(path);
  }
  return out;
}

}  // namespace

TEST_CASE("allocs: objects, spans and stacks by hand", "[allocs]") {
  const Report report = run_bytes(objects(), allocs_pass, {});
  const Table& all = table(report, "allocs");
  CHECK(rows(all, kCounts) == Rows{"2|5|4|0|3"});
  CHECK(rows(all, kBytes) == Rows{"96|32880|32832|0|144"});
  CHECK(rows(all, with_prefix("spans_", kCounts)) == Rows{"2|1|1|0|2"});
  CHECK(rows(all, with_prefix("spans_", kBytes)) == Rows{"16384|32768|32768|0|16384"});
  CHECK(rows(all, with_prefix("stacks_", kCounts)) == Rows{"1|1|1|0|1"});
  CHECK(rows(all, with_prefix("stacks_", kBytes)) == Rows{"2048|4096|2048|0|4096"});
  CHECK(rows(all, {"events", "peak_bytes", "peak_at_ns", "other_span_bytes"}) ==
        Rows{"18|32976|300|16384"});
  // The last event is at 401.
  CHECK(std::stod(cell(all, 0, "allocs_per_second")) == Approx(5e9 / 401));
  CHECK(std::stod(cell(all, 0, "alloc_rate")) == Approx(32880e9 / 401));
  CHECK(all.notes.size() == 1);

  CHECK(rows(table(report, "alloc_types"), named("type", kCounts)) ==
        Rows{"(none)|1|1|2|0|0", "int8|0|2|2|0|0", "main.node|1|2|0|0|3"});
  CHECK(rows(table(report, "alloc_types"), named("type", kBytes)) ==
        Rows{"(none)|48|32768|32816|0|0", "int8|0|16|16|0|0", "main.node|48|96|0|0|144"});
  CHECK(rows(table(report, "alloc_types"), {"type_bytes"}) == Rows{"-", "1", "40"});
  CHECK(rows(table(report, "alloc_goroutines"), named("start_location", kCounts)) ==
        Rows{"(existed before)|2|0|1|0|1", "main.main|0|4|3|0|1", "main.worker|0|1|0|0|1"});
  CHECK(rows(table(report, "alloc_goroutines"),
             {"live_bytes", "stacks_existed", "stacks_allocated_bytes", "stacks_live_bytes"}) ==
        Rows{"48|1|0|0", "48|0|4096|4096", "48|0|0|0"});
  CHECK(rows(table(report, "alloc_places"), {"type", "start_location", "allocated_bytes"}) ==
        Rows{"(none)|(existed before)|0", "(none)|main.main|32768", "int8|main.main|16",
             "main.node|(existed before)|0", "main.node|main.main|48", "main.node|main.worker|48"});
  CHECK(rows(table(report, "alloc_sizes"),
             {"slot", "allocated", "live_bytes", "spans_live", "spans_live_bytes", "use"}) ==
        Rows{"large|1|0|0|0|-", "16|2|0|1|8192|0.0", "48|2|144|1|8192|0.017578125",
             "not for objects|0|0|1|16384|0.0"});
  CHECK(rows(table(report, "alloc_stacks"), named("stack_bytes", kCounts)) ==
        Rows{"2048|1|0|1|0|0", "4096|0|1|0|0|1"});
  CHECK(rows(table(report, "alloc_curve"), {"time_ns", "live_bytes", "live", "allocated",
                                            "allocated_bytes"}) == Rows{"0|32976|7|5|32880"});
}

TEST_CASE("allocs: a time window begins with what is live", "[allocs]") {
  RunOptions window;
  window.from = 250;
  window.to = 302;
  const Report report = run_bytes(objects(), allocs_pass, {}, window);
  const Table& all = table(report, "allocs");
  CHECK(rows(all, kCounts) == Rows{"6|1|3|0|4"});
  CHECK(rows(all, kBytes) == Rows{"32928|48|64|0|32912"});
  CHECK(rows(all, with_prefix("spans_", kCounts)) == Rows{"3|0|0|0|3"});
  CHECK(rows(all, with_prefix("stacks_", kBytes)) == Rows{"6144|0|0|0|6144"});
  CHECK(rows(all, {"events", "peak_bytes", "peak_at_ns"}) == Rows{"3|32976|300"});
  CHECK(rows(table(report, "alloc_goroutines"), named("start_location", kCounts)) ==
        Rows{"(existed before)|6|0|3|0|3", "main.worker|0|1|0|0|1"});

  window.from = 350;
  window.to = 390;
  const Report quiet = run_bytes(objects(), allocs_pass, {}, window);
  CHECK(rows(table(quiet, "allocs"), {"events", "existed", "allocated", "live", "peak_bytes"}) ==
        Rows{"0|3|0|3|144"});
}

TEST_CASE("allocs: filters choose by who allocates", "[allocs]") {
  RunOptions run;
  run.goroutines.ids = {1};
  const Report report = run_bytes(objects(), allocs_pass, {}, run);
  CHECK(rows(table(report, "allocs"), kCounts) == Rows{"0|4|3|0|1"});
  CHECK(rows(table(report, "alloc_types"), named("type", kBytes)) ==
        Rows{"(none)|0|32768|32768|0|0", "int8|0|16|16|0|0", "main.node|0|48|0|0|48"});
  CHECK(has_note(table(report, "allocs"), "only what these goroutines allocated"));
  // Its name comes after it has allocated.
  RunOptions named_later;
  named_later.goroutines.function = regex("worker");
  const Report worker = run_bytes(objects(true), allocs_pass, {}, named_later);
  CHECK(rows(table(worker, "alloc_goroutines"), named("start_location", kCounts)) ==
        Rows{"main.worker|0|1|0|0|1"});
}

TEST_CASE("allocs: what is made before the old is freed replaces nothing", "[allocs]") {
  // Clocks of threads that write many events run ahead: the frees come late.
  TraceBuilder b(26);
  auto& g = b.generation(1, 1000);
  units(g);
  on_cpu(g, 7, 0, 1)
      .event("Span", {0, 1, k48})
      .event("Span", {1, 1, k48})
      .event("HeapObject", {0, 0})
      .event("SpanAlloc", {0, 2, k64})
      .event("HeapObjectAlloc", {0, 0})
      .event("HeapObjectAlloc", {1032, 0})
      .event("HeapObjectFree", {0})
      .event("SpanFree", {0})
      .event("SpanFree", {1});
  const Report report = run_bytes(b.bytes(), allocs_pass, {});
  const Table& all = table(report, "allocs");
  CHECK(rows(all, kBytes) == Rows{"48|128|48|0|128"});
  CHECK(rows(all, with_prefix("spans_", kBytes)) == Rows{"16384|16384|16384|0|16384"});
  CHECK(all.notes.size() == 1);
}

TEST_CASE("allocs: without a snapshot what is freed existed", "[allocs]") {
  TraceBuilder b(26);
  on_cpu(b.generation(1, 1000), 7, 0, 1)
      .event("HeapObjectFree", {5})
      .event("SpanAlloc", {1, 1, k48})
      .event("HeapObjectAlloc", {1024, 3})
      .event("HeapObjectFree", {1030})
      .event("HeapObjectAlloc", {4096, 0});
  const Report report = run_bytes(b.bytes(), allocs_pass, {});
  const Table& all = table(report, "allocs");
  CHECK(rows(all, kCounts) == Rows{"2|2|2|0|2"});
  CHECK(rows(all, kBytes) == Rows{"48|48|48|0|48"});
  CHECK(has_note(all, "does not tell what existed"));
  CHECK(has_note(all, "2 objects lie in no known span"));
  CHECK(rows(table(report, "alloc_types"), named("type", kCounts)) ==
        Rows{"(none)|0|1|0|0|1", "(unknown)|2|1|2|0|1"});
}

TEST_CASE("allocs: frees of nothing and sizes that cannot be are told, not counted", "[allocs]") {
  TraceBuilder b(26);
  auto& g = b.generation(1, 1000);
  units(g);
  on_cpu(g, 7, 0, 1)
      .event("HeapObjectFree", {77})
      .event("SpanFree", {9})
      .event("GoroutineStackFree", {9})
      .event("Span", {0, 1, 68 << 2})
      .event("Span", {0, 0, k48})
      .event("Span", {UINT64_MAX, 2, k48})
      .event("GoroutineStack", {1, 0})
      .event("GoroutineStack", {1, 64})
      .event("HeapObject", {UINT64_MAX, 0});
  const Report report = run_bytes(b.bytes(), allocs_pass, {});
  const Table& all = table(report, "allocs");
  CHECK(rows(all, kCounts) == Rows{"0|0|0|0|0"});
  CHECK(rows(all, with_prefix("spans_", kBytes)) == Rows{"0|0|0|0|0"});
  CHECK(has_note(all, "3 frees of what was not there"));
  CHECK(has_note(all, "6 events with sizes that cannot be"));
}

TEST_CASE("allocs: what is live at a gap is lost", "[allocs]") {
  TraceBuilder b(26);
  auto& first = b.generation(1, 1000);
  units(first);
  on_cpu(first, 7, 0, 1)
      .event("Span", {0, 1, k48})
      .event("HeapObject", {0, 0})
      .event("HeapObjectAlloc", {6, 0})
      .event("GoroutineStackAlloc", {1, 12})
      .event("GoStart", {1, 9});
  first.thread(9).event("GoBlock", {"sync", 0}, 100);
  auto& second = b.generation(2, 2000);
  types(second, {{"main.later", 40}});
  on_cpu(second, 7, 0, 1)
      .event("HeapObjectFree", {6})
      .event("SpanAlloc", {4, 1, k48})
      .event("HeapObjectAlloc", {4096, 1});
  const Report report = run_bytes(b.bytes(), allocs_pass, {});
  const Table& all = table(report, "allocs");
  CHECK(rows(all, kCounts) == Rows{"2|2|1|2|1"});
  CHECK(rows(all, kBytes) == Rows{"48|96|0|96|48"});
  CHECK(rows(all, with_prefix("spans_", kCounts)) == Rows{"1|1|0|1|1"});
  CHECK(rows(all, with_prefix("stacks_", kBytes)) == Rows{"0|2048|0|2048|0"});
  CHECK(rows(table(report, "alloc_types"), {"type", "live"}) ==
        Rows{"(none)|0", "(unknown)|0", "main.later|1"});
}

TEST_CASE("allocs: the same type has the same row, whatever its number", "[allocs]") {
  TraceBuilder b(26);
  auto& first = b.generation(1, 1000);
  units(first);
  types(first, {{"main.a", 8}, {"main.b", 16}});
  on_cpu(first, 7, 0, 1)
      .event("SpanAlloc", {0, 1, k48})
      .event("HeapObjectAlloc", {0, 1})
      .event("HeapObjectAlloc", {6, 2});
  auto& second = b.generation(2, 2000);
  types(second, {{"main.b", 24}, {"main.a", 8}});
  on_cpu(second, 7, 0, 1).event("HeapObjectAlloc", {12, 2}).event("HeapObjectFree", {0});
  const Report report = run_bytes(b.bytes(), allocs_pass, {});
  CHECK(rows(table(report, "alloc_types"), {"type", "allocated", "freed", "type_bytes"}) ==
        Rows{"main.a|2|1|8", "main.b|1|0|16"});
}

TEST_CASE("allocs: a damaged table of types is a fault, and its types are unknown", "[allocs]") {
  const auto faults = [](const Bytes& body) {
    TraceBuilder b(26);
    auto& g = b.generation(1, 1000);
    g.batch(-1, 1000).experiment(1).raw(body);
    on_cpu(g, 7, 0, 1).event("HeapObjectAlloc", {0, 1});
    const Outcome outcome = read_trace(b.bytes());
    return outcome.facts.faults.empty() ? std::string() : outcome.facts.faults[0].message;
  };
  CHECK(faults({0}) == "");
  CHECK(faults({7, 1, 2}) == "");  // a kind that does not exist yet
  CHECK(faults({0, 1, 0, 8, 8, 1, 'x'}) == "");
  CHECK(faults({0, 1, 0, 8, 8, 2, 'x'}) == "a type's name runs past the end of its batch");
  CHECK(faults({0, 1, 0, 8, 8}) == "varint runs past the end of its batch");
  CHECK(faults({0, 0, 0, 8, 8, 1, 'x'}) == "type 0 is reserved");
  CHECK(faults({0, 1, 0, 8, 8, 1, 'x', 1, 0, 8, 8, 1, 'y'}) == "type 1 is defined twice");
  CHECK(faults({1, 0, 0x80, 0x40, 8, 0x80, 0x10}) == "");
  CHECK(faults({1, 0, 0x80, 0x40, 0, 0x80, 0x10}) == "a heap cannot have such pages");
  CHECK(faults({1, 0, 4, 8, 8}) == "a heap cannot have such pages");
  CHECK(faults({1, 0, 0x84, 0x40, 8, 0x80, 0x10}) == "a heap cannot have such pages");
}

TEST_CASE("allocs: where nothing is recorded there is no row, and a word how to", "[allocs]") {
  const Report report = run_file(capture("go1.27", "http"), allocs_pass, {});
  for (const Table& t : report.tables) CHECK(t.rows.empty());
  CHECK(has_note(table(report, "allocs"), "GODEBUG=traceallocfree=1"));
  const CliResult analyze = cli({"analyze", capture("go1.27", "http").string()});
  CHECK(analyze.out.find("traceallocfree") == std::string::npos);
}

namespace {

/// A second computation, over the events as they lie in the file, in the order of their times.
struct Second {
  std::map<std::string, int64_t> counts;
  int64_t existed = 0, allocated = 0, freed = 0, live = 0;  // bytes
  int64_t freed_count = 0;
};

struct RawEvent {
  uint64_t generation, time;
  std::string name;
  std::map<std::string, uint64_t> args;
};

std::vector<RawEvent> raw_events(const std::filesystem::path& path) {
  std::vector<RawEvent> events;
  std::istringstream lines(cli({"events", path.string(), "--raw"}).out);
  uint64_t generation = 0, time = 0;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    RawEvent e;
    words >> e.name;
    for (std::string word; words >> word && word != "#";) {
      const size_t equals = word.find('=');
      if (equals == std::string::npos) continue;
      const std::string value = word.substr(equals + 1);
      if (!value.empty() && value.find_first_not_of("0123456789") == std::string::npos)
        e.args[word.substr(0, equals)] = std::stoull(value);
    }
    if (e.name == "EventBatch") {
      generation = e.args["gen"];
      time = e.args["time"];
    } else if (e.args.contains("dt")) {
      time += e.args["dt"];
      e.generation = generation;
      e.time = time;
      events.push_back(std::move(e));
    }
  }
  std::ranges::stable_sort(events, {},
                           [](const RawEvent& e) { return std::pair(e.generation, e.time); });
  return events;
}

Second second_computation(const std::filesystem::path& path) {
  struct Span {
    uint64_t pages, kind;
  };
  Second s;
  std::map<uint64_t, Span> spans;
  std::map<uint64_t, std::pair<int64_t, int64_t>> slots;  // address: bytes, objects
  for (RawEvent& e : raw_events(path)) {
    const bool made = e.name == "HeapObject" || e.name == "HeapObjectAlloc";
    if (!made && e.name != "HeapObjectFree" && !e.name.starts_with("Span") &&
        !e.name.starts_with("GoroutineStack"))
      continue;
    ++s.counts[e.name];
    const uint64_t id = e.args["id"];
    if (e.name == "Span" || e.name == "SpanAlloc") {
      spans[id] = {e.args["npages_value"], e.args["kindclass"]};
    } else if (e.name == "SpanFree") {
      REQUIRE(spans.erase(id) == 1);
    } else if (made) {
      const auto it = std::prev(spans.upper_bound(id * 8 / 8192));
      const uint64_t base = it->first * 8192;
      const uint64_t size =
          it->second.kind < 4 ? it->second.pages * 8192 : kSizeClasses.at(it->second.kind / 4);
      auto& slot = slots[base + (id * 8 - base) / size * size];
      (e.name == "HeapObject" ? s.existed : s.allocated) +=
          slot.second == 0 ? static_cast<int64_t>(size) : 0;
      slot.first = static_cast<int64_t>(size);
      ++slot.second;
    } else if (e.name == "HeapObjectFree") {
      const auto it = slots.find(id * 8);
      REQUIRE(it != slots.end());
      s.freed += it->second.first;
      s.freed_count += it->second.second;
      slots.erase(it);
    }
  }
  for (const auto& [at, slot] : slots) s.live += slot.first;
  return s;
}

}  // namespace

TEST_CASE("allocs: every capture against a second computation and the reference", "[allocs]") {
  size_t captures = 0;
  int64_t allocated = 0;
  for (const auto& path : recorded()) {
    INFO(path.string());
    const Report report = run_file(path, allocs_pass, {});
    const Table& all = table(report, "allocs");
    Second s = second_computation(path);
    const auto is = [&](const char* column, int64_t value) {
      INFO(column);
      CHECK(sum(all, column) == value);
    };
    is("existed", s.counts["HeapObject"]);
    is("allocated", s.counts["HeapObjectAlloc"]);
    is("freed", s.freed_count);
    is("existed_bytes", s.existed);
    is("allocated_bytes", s.allocated);
    is("freed_bytes", s.freed);
    is("live_bytes", s.live);
    is("stacks_existed", s.counts["GoroutineStack"]);
    is("stacks_allocated", s.counts["GoroutineStackAlloc"]);
    is("stacks_freed", s.counts["GoroutineStackFree"]);
    CHECK(all.notes.size() == 1);
    // The reference delivers each of them.
    std::map<std::string, int64_t> reference;
    for (const auto& e : reference_events_with(path, {"\"Experimental\""})) ++reference[e["name"]];
    std::erase_if(s.counts, [](const auto& count) { return count.second == 0; });
    CHECK(reference == s.counts);
    // Sums close over every table.
    for (const char* id : {"alloc_types", "alloc_goroutines", "alloc_places", "alloc_sizes"}) {
      INFO(id);
      const Table& t = table(report, id);
      for (const Rows& columns : {kCounts, kBytes}) {
        for (const std::string& c : columns) CHECK(sum(t, c) == sum(all, c));
        for (size_t i = 0; i < t.rows.size(); ++i) {
          const auto at = [&](const std::string& c) { return std::stoll(cell(t, i, c)); };
          CHECK(at(columns[0]) + at(columns[1]) ==
                at(columns[2]) + at(columns[3]) + at(columns[4]));
        }
      }
    }
    for (const std::string& c : kBytes)
      CHECK(sum(table(report, "alloc_stacks"), c) == sum(all, "stacks_" + c));
    CHECK(sum(table(report, "alloc_curve"), "allocated_bytes") == s.allocated);
    allocated += s.allocated;
    ++captures;
  }
  CHECK(captures == 15);
  CHECK(allocated > 4'000'000);
}

TEST_CASE("allocs: the second half of a capture begins with what the first one leaves",
          "[allocs]") {
  for (const auto& path : recorded()) {
    INFO(path.string());
    const auto two = halves(path);
    const Report whole = run_file(path, allocs_pass, {});
    const Report first = run_file(path, allocs_pass, {}, two[0]);
    const Report second = run_file(path, allocs_pass, {}, two[1]);
    for (const std::string prefix : {"", "spans_", "stacks_"}) {
      for (const std::string end : {"", "_bytes"}) {
        const auto in = [&](const Report& r, const char* what) {
          return sum(table(r, "allocs"), prefix + what + end);
        };
        INFO(prefix << end);
        for (const char* what : {"allocated", "freed"})
          CHECK(in(first, what) + in(second, what) == in(whole, what));
        CHECK(in(second, "existed") == in(first, "live"));
        CHECK(in(second, "live") == in(whole, "live"));
        CHECK(in(first, "existed") == in(whole, "existed"));
      }
    }
  }
}
