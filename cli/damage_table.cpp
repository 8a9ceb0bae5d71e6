#include "cli/damage_table.h"

namespace tracetool {
namespace {

Cell text(const std::string& value) { return value.empty() ? Cell() : Cell(value); }

const Columns<Fault> kColumns = {
    {{.id = "kind", .heading = "Kind", .help = "What sort of fault; a note is harmless."},
     [](const Fault& f) -> Cell { return name_of(f.kind); }},
    {{.id = "offset",
      .heading = "Offset",
      .unit = Unit::kId,
      .role = Role::kId,
      .help = "Byte in the decompressed file."},
     [](const Fault& f) -> Cell {
       return f.offset ? Cell(static_cast<int64_t>(*f.offset)) : Cell();
     }},
    {{.id = "generation", .heading = "Generation", .unit = Unit::kId, .role = Role::kId},
     [](const Fault& f) -> Cell {
       return f.generation ? Cell(static_cast<int64_t>(*f.generation)) : Cell();
     }},
    {{.id = "thread", .heading = "Thread", .unit = Unit::kId, .role = Role::kId},
     [](const Fault& f) -> Cell { return f.thread ? Cell(*f.thread) : Cell(); }},
    {{.id = "event", .heading = "Wire event"}, [](const Fault& f) { return text(f.event); }},
    {{.id = "field", .heading = "Field", .rank = 1}, [](const Fault& f) { return text(f.field); }},
    {{.id = "message", .heading = "What"}, [](const Fault& f) -> Cell { return f.message; }},
    {{.id = "lost", .heading = "Missing", .help = "What is missing because of it."},
     [](const Fault& f) { return text(f.lost); }},
};

}  // namespace

Table damage_table(const CaptureFacts& facts) {
  Table table{.id = "damage",
              .title = "Damage",
              .help = "What is wrong with the capture, in order of its discovery.",
              .layout = Layout::kRows,
              .columns = {},
              .rows = {},
              .notes = {},
              .sort_by = ""};
  fill(table, kColumns, facts.faults);
  return table;
}

}  // namespace tracetool
