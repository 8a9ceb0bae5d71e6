// Columns that several tables of the sched pass share.
#pragma once

#include "analyses/measure/columns.h"

namespace tracetool {

/// How a wait, or a number of them, splits by what the Ps did meanwhile.
template <class Row>
void add_cause_columns(Columns<Row>& c, int rank, Cell (*busy)(const Row&),
                       Cell (*stopped)(const Row&), Cell (*idle)(const Row&)) {
  append(c, {{cost("all_busy_ns", "Ps busy", rank,
                   "Part of the total in which all Ps ran something else."),
              busy},
             {cost("stw_ns", "STW", rank, "Part of the total in which the world was stopped."),
              stopped},
             {cost("idle_ns", "P idle", rank,
                   "Part of the total in which a P was idle but not yet woken for it."),
              idle}});
}

}  // namespace tracetool
