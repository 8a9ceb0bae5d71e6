#include "analyses/stack_cell.h"

namespace tracetool {

StackCell stack_cell(const Tables& tables, StackId stack) {
  StackCell cell;
  for (FrameId id : tables.stack(stack)) {
    const Frame& f = tables.frame(id);
    std::string line(tables.string(f.function));
    line.append(" ").append(tables.string(f.file)).append(":").append(std::to_string(f.line));
    cell.push_back(std::move(line));
  }
  return cell;
}

}  // namespace tracetool
