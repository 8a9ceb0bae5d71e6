#include "cli/io/damage_table.h"

#include "reports/words/utf8.h"

namespace tracetool {
namespace {

/// Names that stand in a message may be as long as the file.
constexpr size_t kMessageWidth = 1000;

Cell text(const std::string& value) { return value.empty() ? Cell() : Cell(value); }

Cell counted(std::optional<uint64_t> n) { return n ? number_cell(*n) : Cell(); }

struct DamageRow : Fault {
  int64_t rank;
};

Cell place(const Fault& f) {
  std::string out = f.where();
  if (f.offset) out = "offset " + std::to_string(*f.offset) + (out.empty() ? "" : ", ") + out;
  return text(out);
}

const Columns<DamageRow> kColumns = {
    {{.id = "rank",
      .heading = "Rank",
      .unit = Unit::kId,
      .role = Role::kId,
      .help = "In order of discovery."},
     [](const DamageRow& f) -> Cell { return f.rank; }},
    {{.id = "kind", .heading = "Kind", .help = "What sort of fault; a note is harmless."},
     [](const DamageRow& f) -> Cell { return name_of(f.kind); }},
    {{.id = "message", .heading = "What", .help = "What is wrong."},
     [](const DamageRow& f) -> Cell { return shorten(clean(f.message), kMessageWidth); }},
    {{.id = "place", .heading = "Where", .help = "As far as it is known."},
     [](const DamageRow& f) { return place(f); }},
    {{.id = "lost", .heading = "Missing", .help = "What is missing because of it."},
     [](const DamageRow& f) { return text(f.lost.describe()); }},
    {{.id = "offset",
      .heading = "Offset",
      .unit = Unit::kId,
      .role = Role::kId,
      .rank = 1,
      .help = "Byte in the decompressed file."},
     [](const DamageRow& f) -> Cell { return f.offset ? number_cell(*f.offset) : Cell(); }},
    {{.id = "generation", .heading = "Generation", .unit = Unit::kId, .role = Role::kId, .rank = 1},
     [](const DamageRow& f) -> Cell { return f.generation ? number_cell(*f.generation) : Cell(); }},
    {{.id = "thread", .heading = "Thread", .unit = Unit::kId, .role = Role::kId, .rank = 1},
     [](const DamageRow& f) -> Cell {
       return f.thread && *f.thread < -1 ? number_cell(static_cast<uint64_t>(*f.thread))
              : f.thread                 ? Cell(*f.thread)
                                         : Cell();
     }},
    {{.id = "event", .heading = "Wire event", .rank = 1},
     [](const DamageRow& f) { return text(f.event); }},
    {{.id = "field", .heading = "Field", .rank = 1},
     [](const DamageRow& f) { return text(f.field); }},
    {{.id = "lost_events",
      .heading = "Lost events",
      .unit = Unit::kCount,
      .role = Role::kSum,
      .rank = 2,
      .help = "In the file, but not in any figure."},
     [](const DamageRow& f) { return counted(f.lost.events); }},
    {{.id = "lost_bytes",
      .heading = "Lost bytes",
      .unit = Unit::kBytes,
      .role = Role::kSum,
      .rank = 2,
      .help = "Not used, as far as they could be read."},
     [](const DamageRow& f) { return counted(f.lost.bytes); }},
    {{.id = "lost_batches",
      .heading = "Lost batches",
      .unit = Unit::kCount,
      .role = Role::kSum,
      .rank = 2},
     [](const DamageRow& f) { return counted(f.lost.batches); }},
    {{.id = "lost_names",
      .heading = "Lost names",
      .unit = Unit::kCount,
      .role = Role::kSum,
      .rank = 2,
      .help = "Events that are there, but some name of theirs is not."},
     [](const DamageRow& f) { return counted(f.lost.nameless); }},
    {{.id = "lost_stacks",
      .heading = "Lost stacks",
      .unit = Unit::kCount,
      .role = Role::kSum,
      .rank = 2,
      .help = "Events that are there, but a stack of theirs is not."},
     [](const DamageRow& f) { return counted(f.lost.stackless); }},
    {{.id = "lost_from_ns", .heading = "Lost from", .unit = Unit::kTime, .rank = 2},
     [](const DamageRow& f) { return f.lost.events ? optional_cell(f.lost.from) : Cell(); }},
    {{.id = "lost_to_ns", .heading = "Lost to", .unit = Unit::kTime, .rank = 2},
     [](const DamageRow& f) { return f.lost.events ? optional_cell(f.lost.to) : Cell(); }},
};

}  // namespace

std::string shown(const Fault& fault) { return shorten(clean(fault.describe()), kMessageWidth); }

Table damage_table(const CaptureFacts& facts) {
  Table table{.id = "damage",
              .title = "Damage",
              .help = "What is wrong with the capture, in order of its discovery.",
              .layout = Layout::kList};
  std::vector<DamageRow> rows;
  for (const Fault& fault : facts.faults)
    rows.push_back({fault, static_cast<int64_t>(rows.size()) + 1});
  fill(table, kColumns, rows);
  if (rows.empty()) table.notes.emplace_back("Nothing is damaged or missing.");
  return table;
}

}  // namespace tracetool
