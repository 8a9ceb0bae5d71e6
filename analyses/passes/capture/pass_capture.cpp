// The capture itself: what wrote it, when, how long it is, how much it holds, what it cost.
#include "analyses/engine/pass.h"
#include "analyses/measure/columns.h"
#include "parser/model/wall_clock.h"
#include "parser/model/wire_version.h"
#include "reports/model/wall_time.h"

namespace tracetool {
namespace {

struct Facts {
  const Capture& capture;
  uint64_t events = 0, goroutines = 0, threads = 0, procs = 0, samples = 0, changes = 0;
  Cell gomaxprocs_min, gomaxprocs_max;
  std::string start;
  bool scoped = false;  // events are only those inside of what --task and --region select
  const CaptureFacts& facts() const { return capture.facts; }
  /// Not known if only a part was read.
  Cell of_all(uint64_t n) const { return facts().stopped_early ? Cell() : number_cell(n); }
};

struct Change {
  int64_t time;
  uint64_t value;
};

/// So many that no trace can tell them apart: nobody knows how many.
Cell procs_cell(uint64_t n) { return n < kMaxProcs ? number_cell(n) : Cell(); }

Cell per_second(uint64_t n, int64_t ns) {
  return ns <= 0 ? Cell() : Cell(static_cast<double>(n) * 1e9 / static_cast<double>(ns));
}

/// "2026-10-18 06:20:03.581486 UTC"; the first clock's reading taken back to time 0.
std::string start_of(const CaptureFacts& facts) {
  const auto wall = WallClock(facts).at(0);
  return wall ? readable_time(*wall) + " UTC" : "";
}

const Columns<Facts> kColumns = {
    {text("format", "Format", 0, "Version in the header of the file."),
     [](const Facts& f) -> Cell { return "go 1." + std::to_string(f.facts().version); }},
    {text("releases", "Written by", 0, "Go releases that write this format."),
     [](const Facts& f) -> Cell { return releases_of(f.facts().version); }},
    {text("start", "Start", 0, "Wall clock at the first event (Go 1.25 on)."),
     [](const Facts& f) -> Cell { return f.start.empty() ? Cell() : Cell(f.start); }},
    {info("duration_ns", "Length", Unit::kNanoseconds, 0,
          "From the first event to the last, or of the time window.", Role::kStat),
     [](const Facts& f) -> Cell { return f.capture.length(); }},
    {info("generations", "Generations", Unit::kCount, 0,
          "Parts that can be read on their own; about one a second."),
     [](const Facts& f) { return f.of_all(f.facts().generations.size()); }},
    {info("gomaxprocs_min", "GOMAXPROCS, least", Unit::kCount, 0, "", Role::kMin),
     [](const Facts& f) { return f.gomaxprocs_min; }},
    {info("gomaxprocs_max", "GOMAXPROCS, most", Unit::kCount, 0, "", Role::kMax),
     [](const Facts& f) { return f.gomaxprocs_max; }},
    {count("gomaxprocs_changes", "GOMAXPROCS changes", 0, ""), count_of<&Facts::changes>},
    {info("procs", "Ps seen", Unit::kCount, 0, "Ps with any event."), count_of<&Facts::procs>},
    {info("threads", "Threads", Unit::kCount, 0, "OS threads (Ms)."), count_of<&Facts::threads>},
    {count("goroutines", "Goroutines", 0,
           "All that were seen, alive at the begin or created later."),
     count_of<&Facts::goroutines>},
    {count("cpu_samples", "CPU samples", 0,
           "Only there when a CPU profile was taken at the same time."),
     count_of<&Facts::samples>},
    {count("events", "Events", 0, ""), count_of<&Facts::events>},
    {amount("bytes", "Bytes", 0, "Size of the whole capture when unpacked.", Unit::kBytes),
     [](const Facts& f) { return f.of_all(f.facts().bytes); }},
    {info("events_per_second", "Events a second", Unit::kPerSecond, 0,
          "Events a second of capture: the tracer's own load on the program.", Role::kStat),
     [](const Facts& f) { return f.scoped ? Cell() : per_second(f.events, f.capture.length()); }},
    {info("bytes_per_second", "Bytes a second", Unit::kBytesPerSecond, 0,
          "Bytes a second of the whole capture that the program had to write.", Role::kStat),
     [](const Facts& f) { return per_second(f.facts().bytes, f.facts().duration); }},
};

const Columns<Change> kChangeColumns = {
    {row_time("time_ns", "Time", ""), of<&Change::time>},
    {info("gomaxprocs", "GOMAXPROCS", Unit::kCount, 0, ""),
     [](const Change& c) { return procs_cell(c.value); }},
};

class CapturePass final : public Pass {
 public:
  explicit CapturePass(const RunContext& context) : context_(context) {}

  void block(const Block& block) override {
    for (const Event& e : block.all()) {
      if (e.kind == EventKind::kProcTransition && e.subject < kMaxProcs) see(e.subject);
      events_ += !e.added() && (e.flags & kFlagOutside) == 0;
    }
    for (const uint16_t at : block.rare_positions()) {
      const Event& e = block.events[at];
      const bool inside = !e.added() && (e.flags & kFlagOutside) == 0;
      if (e.kind == EventKind::kStackSample) samples_ += inside;
      if (e.kind != EventKind::kMetric || e.metric() != Metric::kGomaxprocs || e.added()) continue;
      // Repeated in every generation; what held when the window began counts too.
      const uint64_t procs = gomaxprocs(e);
      if (!changes_.empty() && changes_.back().value == procs) continue;
      if (!changes_.empty() && changes_.back().time == e.time) changes_.pop_back();
      changes_.push_back({e.time, procs});
    }
  }

  void finish(const Capture& capture, Report& report) override {
    if (!changes_.empty() && changes_.back().time > capture.end) changes_.pop_back();
    Facts facts{.capture = capture,
                .events = events_,
                .goroutines = context_.goroutines.seen(),
                .threads = capture.facts.threads,
                .procs = procs_,
                .samples = samples_,
                .changes = changes_.empty() ? 0 : changes_.size() - 1,
                .gomaxprocs_min = {},
                .gomaxprocs_max = {},
                .start = start_of(capture.facts),
                .scoped = context_.scoped};
    if (!changes_.empty()) {
      uint64_t least = changes_[0].value, most = least;
      for (const Change& change : changes_) {
        least = std::min(least, change.value);
        most = std::max(most, change.value);
      }
      facts.gomaxprocs_min = procs_cell(least);
      facts.gomaxprocs_max = procs_cell(most);
    }
    Table table;
    table.id = "capture";
    if (context_.goroutines.filter().active())
      table.notes.emplace_back("filters by goroutine do not apply: the capture is everybody's");
    if (context_.scoped)
      table.notes.emplace_back("events and CPU samples are those inside of the tasks and regions");
    if (capture.facts.stopped_early)
      table.notes.emplace_back(
          "reading ended behind the time window: how large the capture is is not known, and "
          "goroutines, threads, Ps and bytes a second are those of the part that was read");
    table.title = "Capture";
    table.help = "What the capture is and how much it holds.";
    table.layout = Layout::kRecord;
    fill(table, kColumns, std::vector<Facts>{facts});
    report.tables.push_back(std::move(table));
    Table changes;
    changes.id = "gomaxprocs";
    changes.title = "GOMAXPROCS";
    changes.help = "The number of Ps, at the begin and after each change.";
    fill(changes, kChangeColumns, changes_);
    report.tables.push_back(std::move(changes));
  }

 private:
  void see(uint32_t proc) {
    if (proc >= seen_.size()) seen_.resize(proc + size_t{1});
    procs_ += !seen_[proc];
    seen_[proc] = true;
  }

  const RunContext context_;
  std::vector<Change> changes_;
  std::vector<bool> seen_;
  uint64_t events_ = 0, procs_ = 0, samples_ = 0;
};

std::unique_ptr<Pass> make(const RunContext& context, const PassOptions&, std::string&) {
  return std::make_unique<CapturePass>(context);
}

}  // namespace

extern const PassInfo capture_pass;
const PassInfo capture_pass = {
    "capture",
    "the capture itself: version, start, length, size, the tracer's load",
    "What wrote the capture and when, how long it is, what it holds, and how many events and "
    "bytes\n"
    "a second the tracer had to write: the higher, the more it slowed the program down.\n"
    "\n"
    "Examples:\n"
    "  tracetool capture trace.out\n"
    "  tracetool capture trace.out --format csv --table gomaxprocs",
    {},
    make,
    1,
    0,
    Filters::kScope};

}  // namespace tracetool
