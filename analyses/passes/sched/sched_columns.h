// Columns that several tables of the sched pass share.
#pragma once

#include "reports/model/table.h"

namespace tracetool {

inline Column info(const char* id, const char* heading, Unit unit, int rank, const char* help,
                   Role role = Role::kInfo) {
  return {.id = id, .heading = heading, .unit = unit, .role = role, .rank = rank, .help = help};
}

template <class Row>
void add_time(Columns<Row>& c, const char* id, const char* heading, int rank, const char* help,
              Cell (*get)(const Row&), Unit unit = Unit::kNanoseconds) {
  const bool sum = unit == Unit::kNanoseconds || unit == Unit::kCount;
  c.push_back({{.id = id,
                .heading = heading,
                .unit = unit,
                .role = sum ? Role::kSum : Role::kStat,
                .better = Better::kLower,
                .grows = sum,
                .rank = rank,
                .help = help},
               get});
}

/// How a wait, or a number of them, splits by what the Ps did meanwhile.
template <class Row>
void add_cause_columns(Columns<Row>& c, int rank, Cell (*busy)(const Row&),
                       Cell (*stopped)(const Row&), Cell (*idle)(const Row&)) {
  add_time<Row>(c, "all_busy_ns", "Ps busy", rank,
                "Part of the total in which all Ps ran something else.", busy);
  add_time<Row>(c, "stw_ns", "STW", rank, "Part of the total in which the world was stopped.",
                stopped);
  add_time<Row>(c, "idle_ns", "P idle", rank,
                "Part of the total in which a P was idle but not yet woken for it.", idle);
}

}  // namespace tracetool
