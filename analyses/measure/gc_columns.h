// Short ways to declare the columns of the gc, stw and heap passes.
#pragma once

#include "reports/model/table.h"

namespace tracetool {

inline Column key(const char* id, const char* heading, const char* help, int rank = 0) {
  return {.id = id, .heading = heading, .role = Role::kKey, .rank = rank, .help = help};
}

inline Column info(const char* id, const char* heading, Unit unit, int rank, const char* help,
                   Role role = Role::kInfo) {
  return {.id = id, .heading = heading, .unit = unit, .role = role, .rank = rank, .help = help};
}

/// Adds up, and the less the better.
inline Column cost(const char* id, const char* heading, int rank, const char* help,
                   Unit unit = Unit::kNanoseconds) {
  return {.id = id,
          .heading = heading,
          .unit = unit,
          .role = Role::kSum,
          .better = Better::kLower,
          .grows = true,
          .rank = rank,
          .help = help};
}

/// Adds up, and is neither good nor bad.
inline Column amount(const char* id, const char* heading, int rank, const char* help,
                     Unit unit = Unit::kNanoseconds) {
  Column c = cost(id, heading, rank, help, unit);
  c.better = Better::kNeither;
  return c;
}

/// The less the better, but it does not add up.
inline Column level(const char* id, const char* heading, Unit unit, int rank, const char* help,
                    Role role = Role::kStat) {
  return {.id = id,
          .heading = heading,
          .unit = unit,
          .role = role,
          .better = Better::kLower,
          .rank = rank,
          .help = help};
}

}  // namespace tracetool
