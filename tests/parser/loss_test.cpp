// What is missing, in words.
#include "parser/model/loss.h"

#include <catch2/catch.hpp>

using namespace tracetool;

TEST_CASE("A loss says how much, when, and what cannot be counted") {
  CHECK(Loss{}.empty());
  CHECK(Loss{.events = 0, .bytes = 0}.empty());
  CHECK(Loss{.events = 1}.describe() == "1 event");
  CHECK(Loss{.events = 12345, .batches = 1, .bytes = 4000}.describe() ==
        "12,345 events; 4,000 bytes in 1 batch not used");
  CHECK(Loss{.batches = 2, .bytes = 1, .at_least = true}.describe() ==
        "at least 1 byte in 2 batches");
  CHECK(Loss{.events = 2, .from = 1'200'000'000, .to = 1'203'000'700}.describe() ==
        "2 events from 1.200000s to 1.203001s");
  CHECK(Loss{.events = 2, .from = 5, .to = 5}.describe() == "2 events");
  CHECK(Loss{.whole = "everything"}.describe() == "everything");
  CHECK(Loss{.whole = "everything", .events = 3, .rest = "more"}.describe() ==
        "everything: 3 events; more");
  CHECK(Loss{.nameless = 1, .stackless = 30, .delivered = 400}.describe() ==
        "names of 1 of 400 events (0.25%); stacks of 30 of 400 events (7.5%)");
  CHECK(Loss{.rest = "all behind", .stackless = 1, .delivered = 1}.describe() ==
        "all behind; stacks of 1 of 1 event (100%)");
}

TEST_CASE("An event that lost several names counts once, one that never came not at all") {
  LostParts lost;
  Loss loss;
  CHECK_FALSE(lost.any());
  lost.stack(7);
  lost.stack(7);
  lost.name(7);
  lost.stack(8);
  lost.name(9);
  lost.forget(9);
  lost.add_to(loss, 10);
  CHECK(lost.any());
  CHECK(loss.stackless == 2);
  CHECK(loss.nameless == 1);
  CHECK(loss.delivered == 10);
  lost.forget(10);
  lost.add_to(loss, 10);
  CHECK(loss.stackless == 2);
}
