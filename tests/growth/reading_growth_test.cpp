// How the work and the memory of reading and comparing grow with the input, on inputs that are made
// to be dear.
#include <catch2/catch.hpp>
#include <functional>
#include <sstream>
#include <string>

#include "parser/trace_reader.h"
#include "reports/compare/compare.h"
#include "reports/formats/json.h"
#include "reports/formats/read_json.h"
#include "tests/growth/counters.h"
#include "tests/support/v1_builder.h"

using namespace tracetool;
using namespace tracetool::test;

namespace {

constexpr double kGrowth = 2.2;
/// Without optimizing; ordinary captures take some 60.
constexpr double kMostSteps = 2000, kMostMemory = 400;
/// What does not grow: blocks, chunks of input, arrays by P and thread number.
constexpr double kFixedMemory = 24 << 20;

struct Shape {
  const char* what;
  Bytes (*make)(int n);
  int n;
};

/// A generation that begins well and then contradicts itself.
void contradicts(GenerationBuilder& g, int64_t m, int64_t p) {
  g.thread(m).event("ProcStatus", {p, kProcRunning}).event("ProcStop").event("ProcStop");
}

Bytes gaps_of_a_large_p(int n) {
  TraceBuilder b(26);
  for (int i = 1; i <= n; ++i) contradicts(b.generation(static_cast<uint64_t>(i)), 7, 65'000);
  return b.bytes();
}

Bytes gaps_after_many_threads(int n) {
  TraceBuilder b(26);
  auto& first = b.generation(1);
  for (int m = 1; m <= n; ++m) first.thread(m).event("ProcStatus", {m, kProcIdle});
  for (int i = 2; i <= n; ++i) contradicts(b.generation(static_cast<uint64_t>(i)), 7, 0);
  return b.bytes();
}

Bytes gaps_after_many_goroutines(int n) {
  TraceBuilder b(26);
  auto& t = on_cpu(b.generation(1), 7, 0, 1);
  for (int i = 0; i < 8 * n; ++i) t.event("GoCreate", {64 * i + 100, 0, 0});
  for (int i = 2; i <= n; ++i) contradicts(b.generation(static_cast<uint64_t>(i)), 7, 0);
  return b.bytes();
}

Bytes large_wire_ids(int n) {
  TraceBuilder b(26);
  for (int i = 1; i <= n; ++i) {
    auto& g = b.generation(static_cast<uint64_t>(i));
    g.string_record(65'000, "reason").string_record(1'000'000, "another");
    g.stack_record(60'000, 1, 65'000, 0, 1);
    g.thread(7)
        .event("ProcStatus", {0, kProcRunning})
        .event("GoStatus", {1, 7, kGoRunning})
        .event("GoStop", {65'000, 60'000})
        .event("GoStart", {1, 1})
        .event("GoStop", {1'000'000, 0})
        .event("GoStart", {1, 2});
  }
  return b.bytes();
}

/// Each thread waits for the one whose clock is a step ahead of its own.
void clocks_against_order(GenerationBuilder& g, int threads) {
  g.nobody().event("GoStatus", {1, -1, kGoRunnable});
  for (int m = 0; m < threads; ++m) {
    g.thread(m)
        .event("ProcStatus", {m, kProcRunning})
        .at(10'000'000 + 10 * static_cast<uint64_t>(threads - m))
        .event("GoStart", {1, m + 1})
        .event("GoStop", {0, 0});
  }
}

Bytes retries(int n) {
  TraceBuilder b(26);
  clocks_against_order(b.generation(1), n);
  return b.bytes();
}

Bytes retries_of_generations(int n) {
  TraceBuilder b(26);
  for (int i = 1; i <= n; ++i) clocks_against_order(b.generation(static_cast<uint64_t>(i)), 500);
  return b.bytes();
}

/// A P in a syscall whose holder is another thread than the one that held it last.
Bytes holders(int n) {
  TraceBuilder b(26);
  auto& g = b.generation(1);
  for (int m = 0; m < n; ++m) g.thread(m).event("ProcStatus", {10 + m, kProcIdle});
  uint64_t now = 5000;
  g.thread(n - 1).at(now).event("ProcStatus", {5, kProcSyscall});
  for (int i = 0; i < n; ++i) {
    g.thread(0).at(++now).event("ProcStatus", {5, kProcSyscall});
    g.thread(0).at(++now).event("ProcStatus", {6, kProcRunning});
    g.thread(1).at(++now).event("ProcStatus", {5, kProcAbandoned});
  }
  return b.bytes();
}

Bytes v1_batches(int n) {
  V1Builder b(19);
  b.batch(0, 1000).event("Gomaxprocs", {1, 0}).event("ProcStart", {7});
  for (int i = 0; i < n; ++i)
    b.batch(i % 1000, 2000 + static_cast<uint64_t>(i)).event("HeapAlloc", {1});
  return b.frequency(1'000'000'000).bytes();
}

Bytes v1_sparse_goroutines(int n) {
  V1Builder b(19);
  b.batch(0, 1000).event("Gomaxprocs", {1, 0}).event("ProcStart", {7});
  for (int i = 1; i <= n; ++i) b.event("GoCreate", {uint64_t(i) << 20, 0, 0});
  return b.frequency(1'000'000'000).bytes();
}

/// All but one of the Ps wait for one goroutine, in the order against their clocks.
Bytes v1_waiting_ps(int n) {
  V1Builder b(19);
  b.batch(0, 1000).event("Gomaxprocs", {1, 0}).event("ProcStart", {7}).event("GoCreate", {1, 0, 0});
  for (int p = 1; p <= n; ++p) {
    b.batch(p, 5000 + static_cast<uint64_t>(n - p))
        .event("ProcStart", {static_cast<uint64_t>(p) + 10})
        .event("GoStart", {1, static_cast<uint64_t>(p)})
        .event("GoSched", {0});
  }
  return b.frequency(1'000'000'000).bytes();
}

Bytes v1_strings(int n) {
  V1Builder b(19);
  b.batch(0, 1000).event("Gomaxprocs", {1, 0}).event("ProcStart", {7});
  for (int i = 1; i <= n; ++i) {
    const auto id = static_cast<uint64_t>(i);
    b.string(id << 40, "f" + std::to_string(i)).stack(id << 40, id << 40);
  }
  return b.frequency(1'000'000'000).bytes();
}

const Shape kShapes[] = {
    {"gaps, each of a P with a large number", gaps_of_a_large_p, 1000},
    {"gaps after many threads", gaps_after_many_threads, 1000},
    {"gaps after many goroutines, on a page each", gaps_after_many_goroutines, 300},
    {"strings and stacks with large ids", large_wire_ids, 1000},
    {"clocks against the order", retries, 3000},
    {"clocks against the order, in many generations", retries_of_generations, 12},
    {"Ps whose holder is another thread", holders, 3000},
    {"format 1: short batches", v1_batches, 20'000},
    {"format 1: goroutines with numbers far apart", v1_sparse_goroutines, 5000},
    {"format 1: Ps that wait for each other", v1_waiting_ps, 3000},
    {"format 1: strings and stacks with large ids", v1_strings, 5000},
};

class ReusedBlock final : public BlockSink {
 public:
  Block* exchange(Block*) override {
    block_->clear();
    return block_.get();
  }

 private:
  std::unique_ptr<Block> block_ = std::make_unique<Block>();
};

Cost cost_of(const std::function<void()>& work) {
  reset_cost();
  const Counting counting;
  work();
  return cost();
}

Cost reading(const Bytes& trace) {
  return cost_of([&] {
    Input input;
    if (open_memory(trace, {.own_thread = false}, input)) throw std::runtime_error("no input");
    TraceReader reader(std::move(input), {});
    if (reader.open()) throw std::runtime_error("not opened");
    ReusedBlock sink;
    reader.read(sink);
  });
}

/// A report of rows that only their names tell apart, with so many figures in each.
Report rows(int n, int figures, double value) {
  Table t{.id = "waits", .title = "Waits"};
  Column key;
  key.id = "function";
  key.role = Role::kKey;
  t.columns.push_back(key);
  for (int f = 0; f < figures; ++f) {
    Column c;
    c.id = "figure" + std::to_string(f) + "_ns";
    c.unit = Unit::kNanoseconds;
    c.role = Role::kSum;
    c.better = Better::kLower;
    c.grows = f % 2 == 0;
    t.columns.push_back(c);
  }
  for (int r = 0; r < n; ++r) {
    auto& cells = t.rows.emplace_back();
    cells.emplace_back("main.function" + std::to_string(r));
    for (int f = 0; f < figures; ++f) cells.emplace_back(value * (1 + r % 7) * (1 + f % 5));
  }
  return {{t}};
}

}  // namespace

TEST_CASE("Reading: twice the input is at most 2.2 times the work and the memory", "[growth]") {
  for (const Shape& shape : kShapes) {
    const Bytes once = shape.make(shape.n), twice = shape.make(2 * shape.n);
    const auto size = static_cast<double>(twice.size());
    CHECK(size > 1.9 * static_cast<double>(once.size()));
    CHECK(size < 2.1 * static_cast<double>(once.size()));
    const Cost less = reading(once), more = reading(twice);
    INFO(shape.what << ": " << size << " bytes, " << static_cast<double>(more.steps) / size
                    << " steps a byte, " << more.memory << " bytes of memory");
    CHECK(more.steps > less.steps);
    CHECK(static_cast<double>(more.steps) <= kGrowth * static_cast<double>(less.steps));
    CHECK(static_cast<double>(more.memory) <= kGrowth * static_cast<double>(less.memory));
    CHECK(static_cast<double>(more.steps) <= kMostSteps * size);
    CHECK(static_cast<double>(more.memory) <= kFixedMemory + kMostMemory * size);
  }
}

/// Saved results: what comes before and behind so many times the same.
struct SavedShape {
  const char* what;
  std::string begin, again, end;
  int n;
};

std::string text_of(const SavedShape& shape, int n) {
  std::string text = R"({"schema":"tracetool-report","schema_version":1,)" + shape.begin;
  for (int i = 0; i < n; ++i) {
    if (i > 0) text += ',';
    const size_t number = shape.again.find('#');
    text += shape.again.substr(0, number);
    if (number != std::string::npos)
      text.append(std::to_string(i)).append(shape.again.substr(number + 1));
  }
  return text + shape.end;
}

TEST_CASE("Saved results: twice the text is at most 2.2 times the work and the memory",
          "[growth]") {
  const std::string columns = R"("tables":{"t":{"columns":[{"id":"a"},{"id":"b"}],"rows":[)";
  const SavedShape shapes[] = {
      {"rows without cells", columns, "{}", "]}}}", 4000},
      {"rows of one text", columns, R"({"a":"main.f#"})", "]}}}", 2000},
      {"rows with names of no column", columns, R"({"c#":1})", "]}}}", 2000},
      {"a row of many names", columns + "{", R"("c#":1)", "}]}}}", 4000},
      {"rows of a stack", columns, R"({"a":["main.f a.go:1","main.g# b.go:2"]})", "]}}}", 1000},
      {"one deep stack", columns + R"({"a":[)", R"("main.f# a.go:1")", "]}]}}}", 2000},
      {"empty frames", columns + R"({"a":[)", R"("")", "]}]}}}", 8000},
      {"tables", R"("tables":{)", R"("t#":{"columns":[],"rows":[]})", "}}", 1000},
      {"lists in what is not looked at", R"("tables":{},"other":[)", "[]", "]}", 8000},
      {"names that are not looked at", R"("tables":{},"other":{)", R"("n#":{})", "}}", 4000},
  };
  for (const SavedShape& shape : shapes) {
    const std::string once = text_of(shape, shape.n), twice = text_of(shape, 2 * shape.n);
    const auto cost = [](const std::string& text) {
      return cost_of([&] { CHECK(read_saved(text).error.empty()); });
    };
    const Cost less = cost(once), more = cost(twice);
    const auto size = static_cast<double>(twice.size());
    INFO(shape.what << ": " << size << " bytes, " << static_cast<double>(more.steps) / size
                    << " steps and " << static_cast<double>(more.memory) / size
                    << " bytes of memory a byte");
    CHECK(static_cast<double>(more.steps) <= kGrowth * static_cast<double>(less.steps));
    CHECK(static_cast<double>(more.memory) <= kGrowth * static_cast<double>(less.memory));
    CHECK(static_cast<double>(more.memory) <= 60 * size);
  }
}

TEST_CASE("Saved results of many figures take less than three times their text", "[growth]") {
  std::ostringstream out;
  write_json(out, rows(400, 20, 1e6), {});
  const std::string text = out.str();
  const Cost kept = cost_of([&] { CHECK(read_saved(text).error.empty()); });
  CHECK(static_cast<double>(kept.memory) < 3 * static_cast<double>(text.size()));
}

TEST_CASE("diff keeps less than 4 KB of a row of 76 figures, and makes its rows one by one",
          "[growth]") {
  const auto cost = [](int n) {
    std::vector<Report> reports;
    for (int i = 0; i < 10; ++i) reports.push_back(rows(n, 76, 1e6 * (i + 1)));
    Side before{{{&reports[0], 1}}}, after{{{&reports[1], 1}}};
    for (size_t i = 2; i < 6; ++i) before.slices.push_back({&reports[i], 0.25});
    for (size_t i = 6; i < 10; ++i) after.slices.push_back({&reports[i], 0.25});
    return cost_of([&] {
      const Comparisons all = compare(before, after, {});
      CHECK(all.size() == 76 * static_cast<size_t>(n));
      double sum = 0;
      for (const Comparison c : all) sum += c.weight;
      CHECK(sum > 0);
    });
  };
  const Cost less = cost(500), more = cost(1000);
  CHECK(static_cast<double>(more.steps) <= kGrowth * static_cast<double>(less.steps));
  const double a_row = static_cast<double>(more.memory - less.memory) / 500;
  INFO(a_row << " bytes a row");
  CHECK(a_row < 4 << 10);
  CHECK(a_row > 76 * 8 * 2);
}
