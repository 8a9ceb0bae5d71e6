// Edges of the formats.
#include <catch2/catch.hpp>

#include "tests/support/event_lines.h"
#include "tests/support/pass_run.h"

namespace tracetool {
extern const PassInfo tasks_pass;
}  // namespace tracetool

using namespace tracetool;
using namespace tracetool::test;

TEST_CASE("A task of the last number there is shows up like any other", "[edges]") {
  const uint64_t last = ~uint64_t{0};
  for (const uint64_t id : {uint64_t{5}, last}) {
    TraceBuilder b(26);
    on_cpu(b.generation(1, 1000), 7, 0, 1)
        .event("UserTaskBegin", {id, 0, "order", 0})
        .event("UserTaskBegin", {6, id, "part", 0})
        .event("UserRegionBegin", {id, "work", 0})
        .event("UserLog", {id, "c", "m", 0})
        .event("UserRegionEnd", {id, "work", 0}, 100)
        .event("UserTaskEnd", {id, 0})
        .event("UserTaskEnd", {6, 0});
    const Bytes bytes = b.bytes();
    CHECK(read_trace(bytes).faults == Lines{});
    CHECK(rows(table(run_bytes(bytes, tasks_pass, {}), "tasks"),
               {"type", "count", "complete", "total_ns", "regions", "logs"}) ==
          Lines{"order|1|1|104|1|1", "part|1|1|104|0|0"});
  }
}
