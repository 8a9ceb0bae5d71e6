// The tables of the critical path.
#pragma once

#include <string>
#include <vector>

#include "analyses/engine/stack_cell.h"
#include "analyses/passes/critical_path/critical_walk.h"
#include "parser/model/tables.h"
#include "reports/model/table.h"

namespace tracetool {

/// Steps of a path that differ in nothing that the sums by function and reason tell.
struct PathPart {
  PathStep like;
  int64_t count = 0, time = 0, longest = 0;
};

std::vector<PathPart> parts_of(const std::vector<PathStep>& steps);

/// A stretch of time that was explained.
struct ExplainedPath {
  const char* kind;  // "task", "region", "goroutine"
  std::string name;
  uint64_t id;         // task or goroutine id
  uint64_t goroutine;  // at whose end the path begins
  int64_t begin, end;
  std::vector<PathStep> steps = {};  // only those of the longest path are kept
  std::vector<PathPart> parts = {};
  int64_t length() const { return end - begin; }
};

/// Longest path first; its `limit` longest steps are listed.
void add_critical_tables(const std::vector<ExplainedPath>& paths, StackCells& stacks,
                         uint64_t limit, std::vector<std::string> notes, Report& report);

}  // namespace tracetool
