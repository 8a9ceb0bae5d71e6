// Counts the events of a capture by kind: count_events TRACE
#include <tracetool/parser/library/block_reader.h>

#include <iostream>
#include <map>
#include <string>

int main(int argc, char** argv) {
  using namespace tracetool;
  if (argc != 2) return 2;
  Input input;
  auto refused = open_input(argv[1], {}, input);
  if (refused) return std::cerr << refused->describe() << "\n", 2;
  TraceReader reader(std::move(input), {});
  refused = reader.open();
  if (refused) return std::cerr << refused->describe() << "\n", 2;

  std::map<std::string, uint64_t> counts;
  BlockReader blocks(reader);
  while (const Block* block = blocks.next()) {
    for (const Event& event : block->all()) {
      // What tells states at the begin and closes them at the end is not in the trace.
      if (!event.added()) ++counts[name_of(event.kind)];
    }
  }
  for (const auto& [kind, count] : counts) std::cout << count << " " << kind << "\n";
  for (const Fault& fault : reader.facts().faults) std::cerr << fault.describe() << "\n";
  return reader.facts().damaged() ? 3 : 0;
}
