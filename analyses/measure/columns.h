// Short ways to declare columns, and the columns and cells that several passes have in common. A
// column stands beside the function that gives its value, so that the two cannot shift against each
// other.
#pragma once

#include <array>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "analyses/go/wait_reasons.h"
#include "analyses/measure/histogram.h"
#include "parser/model/event.h"
#include "parser/model/tables.h"
#include "reports/model/table.h"

namespace tracetool {

/// A description that is neither good nor bad, or what `role` says.
inline Column info(const char* id, const char* heading, Unit unit, int rank, const char* help,
                   Role role = Role::kInfo) {
  return {.id = id, .heading = heading, .unit = unit, .role = role, .rank = rank, .help = help};
}

/// Text that names the row in any capture.
inline Column key(const char* id, const char* heading, const char* help, int rank = 0) {
  return info(id, heading, Unit::kNone, rank, help, Role::kKey);
}

/// A number that names the row in this capture only.
inline Column row_id(const char* id, const char* heading, int rank, const char* help) {
  return info(id, heading, Unit::kId, rank, help, Role::kId);
}

/// Text that describes.
inline Column text(const char* id, const char* heading, int rank, const char* help) {
  return info(id, heading, Unit::kNone, rank, help);
}

/// When something was.
inline Column moment(const char* id, const char* heading, int rank, const char* help) {
  return info(id, heading, Unit::kTime, rank, help);
}

/// When the row was: it names the row in this capture.
inline Column row_time(const char* id, const char* heading, const char* help) {
  return info(id, heading, Unit::kTime, 0, help, Role::kId);
}

inline Column share(const char* id, const char* heading, int rank, const char* help) {
  return info(id, heading, Unit::kRatio, rank, help, Role::kStat);
}

/// Of these the less the better, but they do not add up.
inline Column level(const char* id, const char* heading, int rank, const char* help,
                    Unit unit = Unit::kNanoseconds, Role role = Role::kStat) {
  Column c = info(id, heading, unit, rank, help, role);
  c.better = Better::kLower;
  return c;
}
inline Column least(const char* id, const char* heading, int rank, const char* help,
                    Unit unit = Unit::kNanoseconds) {
  return level(id, heading, rank, help, unit, Role::kMin);
}
inline Column peak(const char* id, const char* heading, int rank, const char* help,
                   Unit unit = Unit::kNanoseconds) {
  return level(id, heading, rank, help, unit, Role::kMax);
}

/// Adds up, and is neither good nor bad.
inline Column amount(const char* id, const char* heading, int rank, const char* help,
                     Unit unit = Unit::kNanoseconds) {
  Column c = info(id, heading, unit, rank, help, Role::kSum);
  c.grows = true;
  return c;
}
inline Column count(const char* id, const char* heading, int rank, const char* help) {
  return amount(id, heading, rank, help, Unit::kCount);
}

/// Adds up, and the less the better.
inline Column cost(const char* id, const char* heading, int rank, const char* help,
                   Unit unit = Unit::kNanoseconds) {
  Column c = amount(id, heading, rank, help, unit);
  c.better = Better::kLower;
  return c;
}
inline Column cost_count(const char* id, const char* heading, int rank, const char* help) {
  return cost(id, heading, rank, help, Unit::kCount);
}

/// Function in which goroutines started, as the key of their rows.
inline Column start_location(const char* help = "Function in which the goroutines started.",
                             int rank = 0) {
  return key("start_location", "Start location", help, rank);
}
inline Column stack(const char* help, int rank = 5) { return key("stack", "Stack", help, rank); }
/// What a stack comes down to in one line.
inline Column caller(
    const char* heading = "Where", int rank = 0,
    const char* help = "Innermost function of the stack outside the standard library's plumbing.") {
  return text("caller", heading, rank, help);
}
inline Column step_time(const char* help = "Begin of the step.") {
  return row_time("time_ns", "Time", help);
}

/// As much as there is at one time, however long the capture is.
inline Column standing(Column c) {
  c.grows = false;
  return c;
}
template <class Row>
Columns<Row> standing(Columns<Row> all) {
  do_not_grow(all);
  return all;
}

inline Cell count_cell(uint64_t n) { return number_cell(n); }
/// By its id, which is never 0.
inline Cell goroutine_cell(uint64_t id) { return id == 0 ? Cell() : count_cell(id); }
inline Cell time_cell(int64_t time) { return time == kNever ? Cell() : Cell(time); }
inline Cell text_cell(std::string_view text) {
  return text.empty() ? Cell() : Cell(std::string(text));
}
inline double real(auto n) { return static_cast<double>(n); }
inline Cell ratio_cell(double part, double whole) {
  return whole <= 0 ? Cell() : Cell(part / whole);
}
/// A figure of a distribution, or none where nothing was measured.
inline Cell measured(const Histogram& h, auto figure) {
  return h.count() == 0 ? Cell() : Cell((h.*figure)());
}
inline Cell percentile(const Histogram& h, double part) {
  return h.count() == 0 ? Cell() : Cell(h.percentile(part));
}
inline std::string name_or_unknown(const Tables& tables, StringId name) {
  return name == 0 ? "(unknown)" : std::string(tables.string(name));
}

/// The value of a member, for a column: `of<&Row::name>`; of a count, of a time that may be kNever,
/// of a text or a size that may be missing.
template <auto kMember, class Row>
Cell of(const Row& r) {
  return r.*kMember;
}
template <auto kMember, class Row>
Cell count_of(const Row& r) {
  return count_cell(r.*kMember);
}
template <auto kMember, class Row>
Cell time_of(const Row& r) {
  return time_cell(r.*kMember);
}
template <auto kMember, class Row>
Cell text_of(const Row& r) {
  return text_cell(r.*kMember);
}
template <auto kMember, class Row>
Cell size_of(const Row& r) {
  return optional_cell(r.*kMember);
}

template <class Row>
void append(Columns<Row>& columns, std::initializer_list<ColumnOf<Row>> more) {
  columns.insert(columns.end(), more);
}

/// One a class of blocked goroutines. `kBlocked` tells a row's time in a class; `helps` are by
/// WaitClass. Waits for locks and for the collector are loss, others may be what a program is for.
template <auto kBlocked, class Row>
void add_block_columns(Columns<Row>& columns, int rank,
                       const std::array<const char*, kBlockClasses>& helps) {
  const auto add = [&]<WaitClass kClass>(const char* id) {
    const char* help = helps[static_cast<size_t>(kClass)];
    const bool loss = kClass == WaitClass::kSync || kClass == WaitClass::kGc;
    columns.push_back({loss ? cost(id, heading_of(kClass), rank, help)
                            : amount(id, heading_of(kClass), rank, help),
                       [](const Row& r) -> Cell { return kBlocked(r, kClass); }});
  };
  add.template operator()<WaitClass::kNet>("block_network_ns");
  add.template operator()<WaitClass::kSync>("block_sync_ns");
  add.template operator()<WaitClass::kSelect>("block_select_ns");
  add.template operator()<WaitClass::kChan>("block_chan_ns");
  add.template operator()<WaitClass::kSleep>("block_sleep_ns");
  add.template operator()<WaitClass::kGc>("block_gc_ns");
  add.template operator()<WaitClass::kOther>("block_other_ns");
}

}  // namespace tracetool
