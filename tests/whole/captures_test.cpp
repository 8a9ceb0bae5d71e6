// What other tests leave out silently is named here.
#include <catch2/catch.hpp>

#include "tests/support/files.h"
#include "tests/support/pass_run.h"
#include "tests/support/reference_events.h"

using namespace tracetool::test;

TEST_CASE("Go's own reader has answers for every capture but one", "[captures]") {
  // Threads of C that call into Go: its reader of format 1 finds no order for them.
  const auto refused = capture("go1.19", "cgocallback");
  size_t answered = 0;
  for (const auto& path : captures()) {
    INFO(path.string());
    const auto all = answers(path);
    for (const char* part : {"summary", "profile", "mmu"})
      CHECK(all[part].contains("error") == (path == refused));
    CHECK(reference_events_with(path, {""}).empty() == (path == refused));
    answered += path != refused;
  }
  CHECK(answered + kRejectedCaptures == kCommittedCaptures);
}
