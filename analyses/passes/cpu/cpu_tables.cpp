// The tables of the cpu pass.
#include "analyses/passes/cpu/cpu_tables.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>

#include "analyses/engine/goroutine_index.h"
#include "analyses/go/stack_place.h"
#include "analyses/measure/columns.h"
#include "analyses/measure/duration_stats.h"
#include "reports/model/units.h"

namespace tracetool {
namespace {

constexpr const char* kPartNames[] = {"execution", "sched wait", "syscall", "syscall block"};

constexpr size_t blocked(WaitClass c) { return kCpuBlock + static_cast<size_t>(c); }

int64_t total_of(const CpuParts& parts) {
  int64_t sum = 0;
  for (const int64_t p : parts) sum += p;
  return sum;
}

std::string name_of_part(size_t part) {
  return part < kCpuBlock ? kPartNames[part] : heading_of(static_cast<WaitClass>(part - kCpuBlock));
}

/// "network 93%": a part and its share.
std::string share_of(const CpuParts& parts, size_t part) {
  const double share = static_cast<double>(parts[part]) / static_cast<double>(total_of(parts));
  return name_of_part(part) + " " + std::to_string(std::lround(100 * share)) + "%";
}

/// The largest part.
std::string mostly(const CpuParts& parts) {
  if (total_of(parts) == 0) return "";
  return share_of(parts, static_cast<size_t>(std::ranges::max_element(parts) - parts.begin()));
}

struct Counted {
  uint64_t samples, all;
  double period;  // ns of CPU time a sample
  double cpu() const { return real(samples) * period; }
};

struct FunctionRow : Counted {
  std::string function;
  uint64_t cumulative;
};

struct StackRow : Counted {
  std::string caller;
  StackCell stack;
};

struct GroupRow : Counted {
  std::string name;
  uint64_t goroutines = 0;
  CpuParts parts = {};
};

struct Summary : Counted {
  uint64_t nobody;
  CpuParts parts = {};
};

/// Grows with the capture, but rows overlap and have no total.
Column overlapping_column(const char* id, const char* heading, Unit unit, int rank,
                          const char* help) {
  Column c = info(id, heading, unit, rank, help, Role::kStat);
  c.grows = true;
  return c;
}
constexpr const char* kEstimate = "Estimated from the samples.";

const Columns<FunctionRow> kFunctionColumns = {
    {key("function", "Function", "Function."), of<&FunctionRow::function>},
    {count("flat", "Flat", 0, "Samples in the function itself."), count_of<&FunctionRow::samples>},
    {share("flat_share", "Flat %", 0, "Of all samples."),
     [](const FunctionRow& r) { return ratio_cell(real(r.samples), real(r.all)); }},
    {overlapping_column("cum", "Cum", Unit::kCount, 0,
                        "Samples in the function and in what it called; overlaps its callees'."),
     count_of<&FunctionRow::cumulative>},
    {share("cum_share", "Cum %", 0, "Of all samples."),
     [](const FunctionRow& r) { return ratio_cell(real(r.cumulative), real(r.all)); }},
    {cost("flat_ns", "Flat time", 1, kEstimate),
     [](const FunctionRow& r) -> Cell { return r.cpu(); }},
    {overlapping_column("cum_ns", "Cum time", Unit::kNanoseconds, 1, kEstimate),
     [](const FunctionRow& r) -> Cell { return real(r.cumulative) * r.period; }},
};

const Columns<StackRow> kStackColumns = {
    {stack("Where the samples fell.", 0), of<&StackRow::stack>},
    {caller(), text_of<&StackRow::caller>},
    {count("samples", "Samples", 0, "Samples with this stack."), count_of<&StackRow::samples>},
    {share("share", "Share", 0, "Of all samples."),
     [](const StackRow& r) { return ratio_cell(real(r.samples), real(r.all)); }},
    {cost("cpu_ns", "CPU time", 1, kEstimate), [](const StackRow& r) -> Cell { return r.cpu(); }},
};

template <size_t kPart, class Row>
Cell part_of(const Row& r) {
  return r.parts[kPart];
}

template <class Row>
void add_part_columns(Columns<Row>& c, int rank, int block_rank) {
  append(c, {{amount("execution_ns", "Execution", 0, "Time running on a P."),
              part_of<kCpuExecution, Row>},
             {amount("sched_wait_ns", "Sched wait", rank, "Time runnable, waiting for a P."),
              part_of<kCpuSched, Row>},
             {amount("syscall_ns", "Syscall", rank, "In a system call, still holding its P."),
              part_of<kCpuSyscall, Row>},
             {amount("syscall_block_ns", "Syscall block", rank,
                     "In a system call after its P was taken."),
              part_of<kCpuSyscallBlock, Row>}});
  const size_t first = c.size();
  add_block_columns<[](const Row& r, WaitClass cls) { return r.parts[blocked(cls)]; }>(
      c, block_rank,
      {"Blocked on the network.", "Blocked on a lock, WaitGroup, Cond or semaphore.",
       "Blocked on a channel.", "Blocked in a select.", "Blocked in time.Sleep.",
       "Blocked for the garbage collector.", "Blocked for any other reason."});
  // What a group waits for is no loss here, but what no CPU profile shows.
  for (size_t i = first; i < c.size(); ++i) c[i].column.better = Better::kNeither;
}

Columns<GroupRow> group_columns() {
  using Row = GroupRow;
  Columns<Row> c = {
      {start_location(), of<&Row::name>},
      {count("goroutines", "Goroutines", 3, "How many there were."), count_of<&Row::goroutines>},
      {count("samples", "Samples", 0, "CPU samples on them."), count_of<&Row::samples>},
      {amount("cpu_ns", "CPU time", 1, kEstimate), [](const Row& r) -> Cell { return r.cpu(); }},
      {amount("total_ns", "Total", 0, "Their time in all: the sum of the columns that follow."),
       [](const Row& r) -> Cell { return total_of(r.parts); }},
      {text("mostly", "Mostly", 0, "What most of the total went to."),
       [](const Row& r) { return text_cell(mostly(r.parts)); }},
  };
  add_part_columns(c, 2, 4);
  return c;
}

Columns<Summary> summary_columns() {
  using Row = Summary;
  Columns<Row> c = {
      {count("samples", "Samples", 0, "CPU samples in the capture."), count_of<&Row::samples>},
      {count("no_goroutine_samples", "on no goroutine", 0,
             "Of them in the scheduler, the garbage collector, C threads, or on goroutines that "
             "had ended."),
       count_of<&Row::nobody>},
      {cost("cpu_ns", "CPU time", 0, kEstimate), [](const Row& r) -> Cell { return r.cpu(); }},
      {amount("total_ns", "Goroutine time", 0,
              "Time of all goroutines: the sum of the lines that follow."),
       [](const Row& r) -> Cell { return total_of(r.parts); }},
      {text("mostly", "Mostly", 0, "What most of it went to."),
       [](const Row& r) { return text_cell(mostly(r.parts)); }},
  };
  add_part_columns(c, 0, 0);
  return c;
}

/// Flat and cumulative samples by function; a function counts once a stack, however deep it recurs.
std::vector<FunctionRow> function_rows(const CpuResults& results, Counted counted) {
  const Tables& tables = results.stacks.tables();
  std::map<StringId, std::pair<uint64_t, uint64_t>> functions;
  for (StackId stack = 0; stack < results.samples.size(); ++stack) {
    const uint64_t n = results.samples[stack];
    if (n == 0) continue;
    std::set<StringId> seen;
    for (const FrameId frame : tables.stack(stack)) seen.insert(tables.frame(frame).function);
    if (seen.empty()) seen.insert(0);
    for (const StringId f : seen) functions[f].second += n;
    functions[tables.leaf_function(stack)].first += n;
  }
  std::vector<FunctionRow> rows;
  for (const auto& [function, n] : functions) {
    counted.samples = n.first;
    const std::string_view name = tables.string(function);
    rows.push_back({counted, name.empty() ? "(no stack)" : std::string(name), n.second});
  }
  return rows;
}

std::vector<StackRow> stack_rows(const CpuResults& results, Counted counted) {
  std::map<StackCell, StackRow> stacks;
  counted.samples = 0;
  for (StackId id = 0; id < results.samples.size(); ++id) {
    if (results.samples[id] == 0) continue;
    StackCell stack = results.stacks(id);
    const StackRow row{counted, std::string(caller_in(results.stacks.tables(), id)), stack};
    stacks.try_emplace(std::move(stack), row).first->second.samples += results.samples[id];
  }
  std::vector<StackRow> rows;
  rows.reserve(stacks.size());
  for (auto& [stack, row] : stacks) rows.push_back(std::move(row));
  return rows;
}

std::vector<GroupRow> group_rows(const CpuResults& results, Counted counted) {
  std::vector<GroupRow> rows;
  for (const CpuGroup& g : results.groups) {
    counted.samples = g.samples;
    rows.push_back(
        {counted, name_or_unknown(results.stacks.tables(), g.name), g.goroutines, g.parts});
  }
  if (results.nobody > 0) {
    counted.samples = results.nobody;
    rows.push_back({counted, "(no goroutine)"});
  }
  // Shown by samples; those without any by their time.
  std::ranges::stable_sort(rows, [](const GroupRow& a, const GroupRow& b) {
    return total_of(a.parts) > total_of(b.parts);
  });
  return rows;
}

/// Samples a second: Go's default, unless the samples lie much nearer to each other than it allows.
uint64_t rate_of(const CpuResults& results) {
  constexpr uint64_t kDefault = 100, kEnough = 20;
  if (results.rate != 0) return results.rate;
  const int64_t gap = results.gaps.percentile(0.10);
  if (results.gaps.count() < kEnough || gap <= 0 || gap > 7'000'000) return kDefault;
  return std::max(kDefault, static_cast<uint64_t>((100'000'000 + gap / 2) / gap) * 10);
}

/// Why a program is slow that has an empty CPU profile: what its goroutines did instead.
void explain_rest(const CpuResults& results, Table& table) {
  CpuParts parts = {};
  for (const CpuGroup& g : results.groups) {
    const std::string_view name = results.stacks.tables().string(g.name);
    // Those of the tracer and the profiler are no more the program's than the runtime's are.
    if (is_system_goroutine(name) || name.starts_with("runtime/")) continue;
    for (size_t i = 0; i < parts.size(); ++i) parts[i] += g.parts[i];
  }
  const int64_t total = total_of(parts);
  const int64_t seen = parts[kCpuExecution] + parts[kCpuSyscall];
  if (total == 0 || (total - seen) * 2 <= total) return;
  std::vector<size_t> order;
  for (size_t i = 0; i < parts.size(); ++i)
    if (i != kCpuExecution && i != kCpuSyscall) order.push_back(i);
  std::ranges::stable_sort(order, std::ranges::greater(), [&](size_t i) { return parts[i]; });
  // One of every twenty is worth its name.
  std::string rest;
  for (const size_t i : order)
    if (parts[i] * 20 >= total) rest += (rest.empty() ? "" : ", ") + share_of(parts, i);
  table.notes.push_back("the program's goroutines ran " +
                        format_ratio(static_cast<double>(seen) / static_cast<double>(total)) +
                        " of their time; no CPU profile shows the rest: " + rest);
}

void explain(const CpuResults& results, const Summary& sum, Table& table) {
  const uint64_t rate = rate_of(results);
  if (sum.samples == 0) {
    table.notes.push_back(
        "no CPU samples in this capture: they are recorded when a CPU profile runs during the "
        "trace (pprof.StartCPUProfile, or go test -cpuprofile with -trace)");
  } else if (results.rate == 0) {
    table.notes.push_back(
        "CPU time assumes " + std::to_string(rate) + " samples a second, " +
        (rate == 100 ? "Go's default" : "as the samples of single threads lie so near together") +
        "; --rate tells another rate");
  }
  explain_rest(results, table);
}

}  // namespace

void add_cpu_tables(const CpuResults& results, Report& report) {
  uint64_t all = 0;
  for (const uint64_t n : results.samples) all += n;
  const Counted counted{all, all, 1e9 / real(rate_of(results))};
  Summary sum{counted, results.nobody};
  for (const CpuGroup& g : results.groups)
    for (size_t i = 0; i < g.parts.size(); ++i) sum.parts[i] += g.parts[i];

  Table summary{.id = "cpu_summary",
                .title = "CPU samples, and where the time went",
                .help = "What a CPU profile could see, beside what it could not.",
                .layout = Layout::kRecord};
  fill(summary, summary_columns(), std::vector<Summary>{sum});
  explain(results, sum, summary);
  report.tables.push_back(std::move(summary));

  Table functions{.id = "cpu",
                  .title = "CPU samples by function",
                  .help = "Flat adds up to all samples; cumulative figures overlap.",
                  .sort_by = "flat"};
  fill(functions, kFunctionColumns, function_rows(results, counted));
  report.tables.push_back(std::move(functions));

  Table stacks{.id = "cpu_stacks",
               .title = "CPU samples by stack",
               .help = "Adds up to all samples.",
               .sort_by = "samples"};
  fill(stacks, kStackColumns, stack_rows(results, counted));
  report.tables.push_back(std::move(stacks));

  Table groups{.id = "cpu_groups",
               .detail = true,
               .title = "CPU samples and wall-clock time by start location",
               .help = "A group with much time and few samples waits: for what stands beside it.",
               .sort_by = "samples"};
  fill(groups, group_columns(), group_rows(results, counted));
  report.tables.push_back(std::move(groups));
}

}  // namespace tracetool
