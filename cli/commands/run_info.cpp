// `info`: the capture as a file.
#include <algorithm>

#include "analyses/engine/block_ring.h"
#include "cli/commands/commands.h"
#include "cli/io/capture_run.h"
#include "cli/io/damage_table.h"
#include "cli/io/report_output.h"
#include "cli/io/wall_window.h"
#include "cli/options/exit_code.h"
#include "parser/model/wire_version.h"

namespace tracetool {
namespace {

Cell count(uint64_t n) { return number_cell(n); }

struct InfoRow {
  const TraceReader& reader;
  const std::string& path;
  const CaptureFacts& facts() const { return reader.facts(); }
};

const Columns<InfoRow> kInfoColumns = {
    {{.id = "file", .heading = "File"},
     [](const InfoRow& r) -> Cell { return r.path == "-" ? "standard input" : r.path; }},
    {{.id = "format", .heading = "Format", .help = "Version in the header of the file."},
     [](const InfoRow& r) -> Cell { return "go 1." + std::to_string(r.facts().version); }},
    {{.id = "releases", .heading = "Written by", .help = "Go releases that write this format."},
     [](const InfoRow& r) -> Cell { return releases_of(r.facts().version); }},
    {{.id = "packing", .heading = "Packing"},
     [](const InfoRow& r) -> Cell { return name_of(r.reader.packing()); }},
    {{.id = "file_bytes", .heading = "File size", .unit = Unit::kBytes, .role = Role::kSum},
     [](const InfoRow& r) -> Cell {
       return r.facts().file_bytes == 0 ? Cell() : count(r.facts().file_bytes);
     }},
    {{.id = "bytes",
      .heading = "Bytes",
      .unit = Unit::kBytes,
      .role = Role::kSum,
      .help = "Size when unpacked, with what could not be understood."},
     [](const InfoRow& r) { return count(r.facts().bytes); }},
    {{.id = "duration_ns", .heading = "Length", .unit = Unit::kNanoseconds, .role = Role::kSum},
     [](const InfoRow& r) -> Cell { return r.facts().duration; }},
    {{.id = "generations", .heading = "Generations", .unit = Unit::kCount, .role = Role::kSum},
     [](const InfoRow& r) { return count(r.facts().generations.size()); }},
    {{.id = "events", .heading = "Events", .unit = Unit::kCount, .role = Role::kSum},
     [](const InfoRow& r) { return count(r.facts().events); }},
    {{.id = "threads",
      .heading = "Threads",
      .unit = Unit::kCount,
      .role = Role::kSum,
      .help = "That wrote events."},
     [](const InfoRow& r) { return count(r.facts().threads); }},
    {{.id = "strings",
      .heading = "Strings",
      .unit = Unit::kCount,
      .role = Role::kSum,
      .help = "Different strings in use, all generations together."},
     [](const InfoRow& r) { return count(r.reader.tables().string_count()); }},
    {{.id = "stacks",
      .heading = "Stacks",
      .unit = Unit::kCount,
      .role = Role::kSum,
      .help = "Different stacks, all generations together."},
     [](const InfoRow& r) { return count(r.reader.tables().stack_count() - 1); }},
    {{.id = "faults",
      .heading = "Faults",
      .unit = Unit::kCount,
      .role = Role::kSum,
      .help = "What is damaged or missing; see table damage."},
     [](const InfoRow& r) {
       return count(static_cast<uint64_t>(std::ranges::count_if(
           r.facts().faults, [](const Fault& f) { return f.kind != FaultKind::kNote; })));
     }},
};

const Columns<GenerationFacts> kGenerationColumns = {
    {{.id = "generation", .heading = "Generation", .unit = Unit::kId, .role = Role::kId},
     [](const GenerationFacts& g) { return count(g.number); }},
    {{.id = "offset",
      .heading = "Offset",
      .unit = Unit::kId,
      .help = "Of its first byte in the decompressed file."},
     [](const GenerationFacts& g) { return count(g.offset); }},
    {{.id = "bytes", .heading = "Bytes", .unit = Unit::kBytes, .role = Role::kSum},
     [](const GenerationFacts& g) { return count(g.bytes); }},
    {{.id = "begin_ns", .heading = "Begin", .unit = Unit::kTime},
     [](const GenerationFacts& g) -> Cell { return g.begin; }},
    {{.id = "length_ns", .heading = "Length", .unit = Unit::kNanoseconds, .role = Role::kSum},
     [](const GenerationFacts& g) -> Cell { return g.end - g.begin; }},
    {{.id = "events", .heading = "Events", .unit = Unit::kCount, .role = Role::kSum},
     [](const GenerationFacts& g) { return count(g.events); }},
    {{.id = "batches", .heading = "Batches", .unit = Unit::kCount, .role = Role::kSum, .rank = 2},
     [](const GenerationFacts& g) { return count(g.batches); }},
    {{.id = "threads", .heading = "Threads", .unit = Unit::kCount, .role = Role::kMax, .rank = 1},
     [](const GenerationFacts& g) { return count(g.threads); }},
    {{.id = "strings", .heading = "Strings", .unit = Unit::kCount, .role = Role::kMax, .rank = 1},
     [](const GenerationFacts& g) { return count(g.strings); }},
    {{.id = "stacks", .heading = "Stacks", .unit = Unit::kCount, .role = Role::kMax, .rank = 1},
     [](const GenerationFacts& g) { return count(g.stacks); }},
    {{.id = "cpu_samples",
      .heading = "CPU samples",
      .unit = Unit::kCount,
      .role = Role::kSum,
      .rank = 1},
     [](const GenerationFacts& g) { return count(g.cpu_samples); }},
    {{.id = "experimental_bytes",
      .heading = "Experimental",
      .unit = Unit::kBytes,
      .role = Role::kSum,
      .rank = 3,
      .help = "Bytes of experimental batches."},
     [](const GenerationFacts& g) { return count(g.experimental_bytes); }},
    {{.id = "complete", .heading = "Complete"},
     [](const GenerationFacts& g) -> Cell { return g.complete ? "yes" : "no"; }},
};

struct WireRow {
  std::string name;
  std::optional<size_t> type;
  CaptureFacts::WireCount count;
  uint64_t all_bytes;
};

const Columns<WireRow> kWireColumns = {
    {{.id = "event", .heading = "Wire event", .role = Role::kKey},
     [](const WireRow& r) -> Cell { return r.name; }},
    {{.id = "type", .heading = "Type", .unit = Unit::kId, .rank = 1, .help = "Number in the file."},
     [](const WireRow& r) { return r.type ? count(*r.type) : Cell(); }},
    {{.id = "events", .heading = "Events", .unit = Unit::kCount, .role = Role::kSum, .grows = true},
     [](const WireRow& r) { return r.type ? count(r.count.events) : Cell(); }},
    {{.id = "bytes", .heading = "Bytes", .unit = Unit::kBytes, .role = Role::kSum, .grows = true},
     [](const WireRow& r) { return count(r.count.bytes); }},
    {{.id = "share",
      .heading = "Share",
      .unit = Unit::kRatio,
      .role = Role::kStat,
      .help = "Of all bytes."},
     [](const WireRow& r) -> Cell {
       return static_cast<double>(r.count.bytes) / static_cast<double>(r.all_bytes);
     }},
};

Table wire_table(const CaptureFacts& facts) {
  Table table{.id = "wire",
              .title = "Wire events",
              .help =
                  "All bytes of the capture by what they are. A batch is its header; its "
                  "events are listed by themselves.",
              .sort_by = "bytes"};
  std::vector<WireRow> rows;
  const uint64_t headers = facts.headers * kHeaderBytes;
  uint64_t known = headers;
  const WireFormat& format = wire_format(facts.version);
  for (size_t type = 0; type < facts.wire.size(); ++type) {
    if (facts.wire[type].events == 0) continue;
    known += facts.wire[type].bytes;
    rows.push_back({std::string(format.record_name(static_cast<uint8_t>(type))), type,
                    facts.wire[type], facts.bytes});
  }
  rows.push_back({"(header of the file)", std::nullopt, {0, headers}, facts.bytes});
  if (facts.bytes > known)
    rows.push_back({"(not understood)", std::nullopt, {0, facts.bytes - known}, facts.bytes});
  fill(table, kWireColumns, rows);
  return table;
}

}  // namespace

int run_info(const Invocation& invocation, Io& io) {
  const auto reader = open_capture(invocation, io, true);
  if (reader == nullptr) return kExitUnusable;
  if (const auto error = why_no_wall(*reader, invocation.settings); !error.empty())
    return usage_error(invocation, io, error);
  Progress progress(invocation, *reader, io);
  // All that is asked of the events is how many there are: nothing to hand to another thread.
  run_blocks(*reader, 1, progress.callback(),
             {.prepare = {}, .consumers = {[](const Block&) { return true; }}});
  progress.clear();
  const CaptureFacts& facts = reader->facts();
  Report report;
  Table info{.id = "info", .title = "Capture", .layout = Layout::kRecord};
  fill(info, kInfoColumns, std::vector<InfoRow>{{*reader, invocation.path}});
  Table generations{.id = "generations", .title = "Generations"};
  fill(generations, kGenerationColumns, facts.generations);
  report.tables = {std::move(info), std::move(generations), wire_table(facts), damage_table(facts)};
  show_wall_clock(report, facts, invocation.settings);
  int code = report_faults(*reader, invocation, io);
  // What is in the file can be told even if not one event of it could be put in order.
  const bool counted = std::ranges::any_of(facts.wire, [](const auto& w) { return w.events > 0; });
  if (code == kExitUnusable) {
    if (!counted || invocation.settings.strict) return code;
    code = kExitDamaged;
  }
  return write_report(report, *reader, code, invocation, io);
}

}  // namespace tracetool
