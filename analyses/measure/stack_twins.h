// Stacks that differ in nothing but their addresses are one to the reader.
#pragma once

#include <map>

#include "analyses/engine/stack_cell.h"

namespace tracetool {

class StackTwins {
 public:
  explicit StackTwins(StackCells& stacks) : stacks_(stacks) {}
  /// The stack that stands for all that read like `stack`.
  StackId operator[](StackId stack) {
    const auto [it, added] = known_.try_emplace(stack, stack);
    if (added) it->second = by_text_.try_emplace(stacks_(stack), stack).first->second;
    return it->second;
  }

 private:
  StackCells& stacks_;
  std::map<StackId, StackId> known_;
  std::map<StackCell, StackId> by_text_;
};

}  // namespace tracetool
