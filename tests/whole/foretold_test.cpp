// In every committed capture the reader knows at the begin what the capture tells later.
#include <catch2/catch.hpp>
#include <map>

#include "parser/trace_reader.h"
#include "tests/support/pass_run.h"

using namespace tracetool;
using namespace tracetool::test;

namespace {

class ForetoldSink final : public BlockSink {
 public:
  Block* exchange(Block* full) override {
    if (full == nullptr) return block_.get();
    for (const Event& e : full->all()) {
      const bool begins = e.kind == EventKind::kSync || e.kind == EventKind::kGap;
      happened |= !begins && !e.added();
      late += e.foretells() && happened;
      if (e.kind == EventKind::kGap) happened = false;
      if (e.kind == EventKind::kGoTransition) see(e);
      // Of format 1 only what a P does tells that it is there.
      if (e.kind == EventKind::kProcTransition && e.proc_from() == ProcState::kUndetermined &&
          e.open_start())
        (e.foretold() ? procs : unforeseen) += 1;
    }
    return block_.get();
  }
  size_t goroutines = 0, procs = 0, unforeseen = 0, otherwise = 0, late = 0;
  bool happened = false;

 private:
  struct Known {
    uint8_t from_to;
    ProcIndex p;
  };
  void see(const Event& e) {
    if (e.foretells()) {
      known_[e.subject] = {e.from_to, e.p};
    } else if (e.from() == GoState::kUndetermined) {
      (e.foretold() ? goroutines : unforeseen) += 1;
      const Known known = known_[e.subject];
      const bool runs = e.to() == GoState::kRunning;
      otherwise += known.from_to != e.from_to || (runs && known.p != e.p) || e.since != 0;
    }
  }
  std::map<GoSlot, Known> known_;
  std::unique_ptr<Block> block_ = std::make_unique<Block>();
};

}  // namespace

TEST_CASE("All that is first seen in a capture was foretold as it is", "[captures][foretell]") {
  size_t goroutines = 0, procs = 0;
  for (const auto& path : captures()) {
    INFO(path.string());
    Input input;
    REQUIRE(!open_input(path.string(), {.own_thread = false}, input));
    TraceReader reader(std::move(input), {});
    REQUIRE(!reader.open());
    ForetoldSink sink;
    reader.read(sink);
    CHECK(sink.unforeseen == 0);
    CHECK(sink.otherwise == 0);
    CHECK(sink.late == 0);
    CHECK(sink.goroutines > 0);
    goroutines += sink.goroutines;
    procs += sink.procs;
  }
  CHECK(goroutines == 1557);
  CHECK(procs == 809);
}
