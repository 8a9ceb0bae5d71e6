#include "reports/formats/read_json.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "reports/formats/json.h"
#include "reports/model/units.h"
#include "reports/words/utf8.h"

namespace tracetool {
namespace {

using Json = nlohmann::json;

/// Why reading gives up: the text is no such file, or it is a well written one that is too much.
struct Refused {
  std::string why;
};
[[noreturn]] void damaged(const std::string& why) { throw Refused{"damaged JSON: " + why}; }
[[noreturn]] void too_much(const std::string& why) {
  throw Refused{"saved results that are too large: " + why};
}

template <class Enum, size_t N>
Enum by_name(const std::string& name, const Enum (&all)[N], Enum otherwise) {
  for (const Enum e : all) {
    if (name_of(e) == name) return e;
  }
  return otherwise;
}

Role role_named(const std::string& name) {
  static constexpr Role kRoles[] = {Role::kKey, Role::kId,   Role::kSum, Role::kMin,
                                    Role::kMax, Role::kStat, Role::kInfo};
  return by_name(name, kRoles, Role::kInfo);
}

Better better_named(const std::string& name) {
  static constexpr Better kBetters[] = {Better::kNeither, Better::kLower, Better::kHigher};
  return by_name(name, kBetters, Better::kNeither);
}

Layout layout_named(const std::string& name) {
  static constexpr Layout kLayouts[] = {Layout::kRows, Layout::kRecord, Layout::kPlot,
                                        Layout::kLogPlot, Layout::kList};
  return by_name(name, kLayouts, Layout::kRows);
}

/// A table has some 80 columns; each row of one that has more takes room for all of them.
constexpr size_t kMostColumns = 256;
constexpr size_t kMessageWidth = 300;
/// A cell that the text leaves out takes as much room as any other, and rows may leave out all of
/// them. What this program writes was seen to have less than one for ten bytes.
constexpr size_t kFreeCells = 100'000, kCellsPerByte = 4;

/// Puts the report together as the text goes by, so that nothing but its cells is kept.
class Reader final : public Json::json_sax_t {
 public:
  Reader(uint64_t most_memory, size_t text)
      : memory_(most_memory), cells_(kFreeCells + kCellsPerByte * text) {}

  SavedReport& saved() { return saved_; }
  std::string schema;
  int64_t version = 0;
  bool tables = false;

  bool null() override { return value(Cell()); }
  bool boolean(bool b) override { return value(int64_t{b}); }
  bool number_integer(int64_t n) override { return value(n); }
  bool number_unsigned(uint64_t n) override {
    return n > static_cast<uint64_t>(INT64_MAX) ? value(static_cast<double>(n))
                                                : value(static_cast<int64_t>(n));
  }
  bool number_float(double d, const std::string&) override { return value(d); }
  bool string(std::string& s) override {
    take(s.size());
    if (at() == At::kStack) {
      frames_.push_back(frame(s));
      return true;
    }
    return value(std::move(s));
  }
  bool binary(Json::binary_t&) override { return value(Cell()); }
  bool key(std::string& name) override {
    key_of(at()) = name;
    return true;
  }
  bool start_object(size_t) override {
    open_.push_back(object_in());
    return true;
  }
  bool end_object() override {
    const At ended = at();
    open_.pop_back();
    if (ended == At::kTable && !(columns_ && rows_))
      damaged("table " + clean(table().id) + " without " + (columns_ ? "rows" : "columns"));
    if (ended == At::kColumn) end_column();
    return true;
  }
  bool start_array(size_t) override {
    open_.push_back(array_in());
    return true;
  }
  bool end_array() override {
    if (at() == At::kStack) {
      open_.pop_back();
      take(frames_.size() * sizeof(frames_[0]));
      return value(StackCell(std::exchange(frames_, {})));
    }
    open_.pop_back();
    return true;
  }
  bool parse_error(size_t, const std::string&, const Json::exception& e) override {
    damaged(shorten(clean(e.what()), kMessageWidth));
  }

 private:
  enum class At : uint8_t {
    kNowhere,    // before all of it
    kTop,        // of the object that it all is
    kSelection,  // list
    kFaults,     // list
    kTables,     // object
    kTable,
    kColumns,  // list
    kColumn,
    kRows,  // list
    kRow,
    kStack,    // list
    kSkipped,  // what is not looked at
  };
  static constexpr size_t kKeys = static_cast<size_t>(At::kSkipped) + 1;

  At at() const { return open_.empty() ? At::kNowhere : open_.back(); }
  std::string& key_of(At object) { return keys_[static_cast<size_t>(object)]; }
  Table& table() { return saved_.report.tables.back(); }
  Column& column() { return table().columns.back(); }

  void take(uint64_t bytes) {
    if (bytes > memory_) too_much("its tables take more memory than is allowed (--max-memory)");
    memory_ -= bytes;
  }

  At object_in() {
    const std::string& name = key_of(at());
    switch (at()) {
      case At::kNowhere:
        return At::kTop;
      case At::kTop:
        if (name != "tables") return skip(name == "selection" || name == "faults");
        tables = true;
        return At::kTables;
      case At::kTables:
        take(sizeof(Table));
        saved_.report.tables.emplace_back().id = name;
        table().title = name;
        columns_ = rows_ = false;
        return At::kTable;
      case At::kTable:
        return skip(name == "columns" || name == "rows");
      case At::kColumns:
        if (table().columns.size() == kMostColumns)
          too_much("a table of more than " + std::to_string(kMostColumns) + " columns");
        take(sizeof(Column));
        table().columns.emplace_back();
        return At::kColumn;
      case At::kRows:
        start_row();
        return At::kRow;
      case At::kRow:
      case At::kStack:
        damaged("a cell that is an object");
      case At::kFaults:
        saved_.damaged = true;
        return At::kSkipped;
      case At::kSelection:
      case At::kColumn:
        damaged("an object where a text belongs");
      case At::kSkipped:
        break;
    }
    return At::kSkipped;
  }
  At array_in() {
    const std::string& name = key_of(at());
    switch (at()) {
      case At::kNowhere:
        damaged("a list");
      case At::kTop:
        if (name == "selection") return At::kSelection;
        return name == "faults" ? At::kFaults : skip(name == "tables");
      case At::kTables:
      case At::kColumns:
      case At::kRows:
        damaged("a list where an object belongs");
      case At::kTable:
        if (name == "columns") {
          columns_ = true;
          return At::kColumns;
        }
        if (name != "rows") return At::kSkipped;
        if (!columns_) damaged("rows before their columns");
        rows_ = true;
        return At::kRows;
      case At::kRow:
        return At::kStack;
      case At::kStack:
      case At::kSelection:
      case At::kColumn:
        damaged("a list where a text belongs");
      case At::kFaults:
        saved_.damaged = true;
        return At::kSkipped;
      case At::kSkipped:
        break;
    }
    return At::kSkipped;
  }
  At skip(bool wrong) {
    if (wrong) damaged('"' + clean(key_of(at())) + "\" of another kind");
    return At::kSkipped;
  }

  void start_row() {
    const size_t columns = table().columns.size();
    if (columns > cells_) too_much("rows without most of their cells");
    cells_ -= columns;
    take(sizeof(std::vector<Cell>) + columns * sizeof(Cell));
    table().rows.emplace_back(columns);
    next_ = 0;
  }
  /// Names stand in the order of the columns, mostly.
  Cell* cell(const std::string& name) {
    const auto& columns = table().columns;
    if (next_ >= columns.size() || columns[next_].id != name) {
      const auto known = column_at_.find(name);
      if (known == column_at_.end()) return nullptr;
      next_ = known->second;
    }
    return &table().rows.back()[next_++];
  }
  void end_column() {
    if (column().id.empty()) damaged("a column without an id");
    if (column().heading.empty()) column().heading = column().id;
    if (table().columns.size() == 1) column_at_.clear();
    column_at_.try_emplace(column().id, table().columns.size() - 1);
  }

  bool value(Cell&& v) {
    switch (at()) {
      case At::kNowhere:
        damaged("no object");
      case At::kTop:
        top(key_of(At::kTop), v);
        break;
      case At::kSelection:
        saved_.selection.push_back(text(v, "selection"));
        break;
      case At::kFaults:
        saved_.damaged = true;
        break;
      case At::kTables:
        damaged("a table that is no object");
      case At::kTable:
        of_table(key_of(At::kTable), v);
        break;
      case At::kColumns:
        damaged("a column that is no object");
      case At::kColumn:
        of_column(key_of(At::kColumn), v);
        break;
      case At::kRows:
        damaged("a row that is no object");
      case At::kRow:
        if (Cell* to = cell(key_of(At::kRow))) *to = std::move(v);
        break;
      case At::kStack:
        damaged("a frame that is no text");
      case At::kSkipped:
        break;
    }
    return true;
  }
  static std::string text(const Cell& v, const std::string& name) {
    const auto* text = std::get_if<std::string>(&v);
    if (text == nullptr) damaged('"' + clean(name) + "\" is no text");
    return *text;
  }
  void top(const std::string& name, const Cell& v) {
    if (name == "schema") schema = text(v, name);
    if (name == "command") saved_.command = text(v, name);
    if (name == "input") saved_.input = text(v, name);
    if (name == "schema_version") version = static_cast<int64_t>(number_in(v).value_or(0));
    // The second one is there where the first one is not known.
    if (name == "duration_ns" || (name == "read_ns" && !saved_.duration_ns))
      saved_.duration_ns = number_in(v);
    if (name == "tables" || name == "selection" || name == "faults") skip(true);
  }
  void of_table(const std::string& name, const Cell& v) {
    if (name == "title") table().title = text(v, name);
    if (name == "help") table().help = text(v, name);
    if (name == "sort_by") table().sort_by = text(v, name);
    if (name == "layout") table().layout = layout_named(text(v, name));
    if (name == "columns" || name == "rows") skip(true);
    saved_.cut |= name == "rest_rows";
  }
  void of_column(const std::string& name, const Cell& v) {
    if (name == "id") column().id = text(v, name);
    if (name == "heading") column().heading = text(v, name);
    if (name == "help") column().help = text(v, name);
    if (name == "unit") column().unit = measure_of(text(v, name)).unit;
    if (name == "role") column().role = role_named(text(v, name));
    if (name == "better") column().better = better_named(text(v, name));
    if (name == "grows") column().grows = number_in(v).value_or(0) != 0;
  }

  /// Rows have most frames in common.
  std::shared_ptr<const FrameCell> frame(const std::string& text) {
    auto& known = known_frames_[text];
    if (known == nullptr) {
      FrameCell frame(text);
      frame.function = shared(std::move(frame.function));
      if (frame.file != nullptr) frame.file = shared(std::move(frame.file));
      take(kFrameBytes + text.size());
      known = std::make_shared<const FrameCell>(std::move(frame));
    }
    return known;
  }
  SharedText shared(SharedText text) {
    const auto [it, fresh] = known_texts_.try_emplace(*text, text);
    if (fresh) take(kFrameBytes + 2 * text->size());
    return it->second;
  }
  /// A frame or text with what it takes to find it again.
  static constexpr uint64_t kFrameBytes = 160;

  SavedReport saved_;
  uint64_t memory_;
  size_t cells_;                         // for how many more there is room
  std::vector<At> open_;                 // objects and lists around here, outermost first
  std::string keys_[kKeys];              // the last name in each kind of object
  bool columns_ = false, rows_ = false;  // whether the table has them
  std::map<std::string, size_t> column_at_;
  size_t next_ = 0;  // the column that the row probably has next
  StackCell::Frames frames_;
  std::map<std::string, std::shared_ptr<const FrameCell>> known_frames_;
  std::map<std::string, SharedText> known_texts_;
};

}  // namespace

bool looks_saved(std::string_view start) {
  const size_t at = start.find_first_not_of(" \t\r\n");
  return at != std::string_view::npos && start[at] == '{';
}

uint64_t most_saved_text(uint64_t most_memory) { return most_memory / 2; }

SavedReport read_saved(std::string_view text, uint64_t most_memory) {
  Reader reader(most_memory - std::min<uint64_t>(most_memory, text.size()), text.size());
  SavedReport refused;
  try {
    Json::sax_parse(text, &reader);
    if (reader.schema != "tracetool-report") {
      refused.error = "JSON, but not written by tracetool analyze --format json";
    } else if (reader.version != kJsonSchemaVersion) {
      refused.error = "saved results of schema version " + std::to_string(reader.version) +
                      "; this program reads " + std::to_string(kJsonSchemaVersion);
    } else if (!reader.tables) {
      refused.error = "damaged JSON: no tables";
    } else {
      return std::move(reader.saved());
    }
  } catch (const Refused& r) {
    refused.error = r.why;
  }
  return refused;
}

}  // namespace tracetool
