#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/support/pass_run.h"
#include "tests/support/v1_builder.h"

namespace tracetool {
extern const PassInfo logs_pass;
}

using namespace tracetool;
using namespace tracetool::test;

namespace {

using Lines = std::vector<std::string>;

Bytes four_logs() {
  TraceBuilder b(26);
  auto& g = b.generation(1, 1000);
  auto& m = on_cpu(g, 7, 0, 1);
  m.at(1100).event("UserLog", {0, "cache", "hit", frames({"main.f"})});
  m.at(1110).event("UserLog", {5, "cache", "miss", frames({"main.f"})});
  m.at(1120).event("UserLog", {0, "cache", "hit", frames({"main.f"})});
  m.at(1130).event("UserLog", {0, "", "hello", frames({"main.f"})});
  return b.bytes();
}

}  // namespace

TEST_CASE("logs: by category, by text, one by one", "[logs]") {
  const Report report = run_bytes(four_logs(), logs_pass, {});
  CHECK(rows(table(report, "log_categories"), {"category", "count", "first_ns", "last_ns"}) ==
        Lines{"-|1|130|130", "cache|3|100|120"});
  CHECK(rows(table(report, "log_messages"), {"category", "message", "count"}) ==
        Lines{"cache|hit|2", "cache|miss|1", "-|hello|1"});
  CHECK(rows(table(report, "logs"), {"time_ns", "goroutine", "task", "category", "message"}) ==
        Lines{"100|1|-|cache|hit", "110|1|5|cache|miss", "120|1|-|cache|hit", "130|1|-|-|hello"});
}

TEST_CASE("logs: filters and limit", "[logs]") {
  const auto times = [](const Options& options) {
    return rows(table(run_bytes(four_logs(), logs_pass, options), "logs"), {"time_ns"});
  };
  CHECK(times({{"--category", "^$"}}) == Lines{"130"});
  CHECK(times({{"--message", "i[ts]"}}) == Lines{"100", "110", "120"});
  CHECK(times({{"--category", "cache"}, {"--message", "miss"}}) == Lines{"110"});
  const Report report = run_bytes(four_logs(), logs_pass, {{"--limit", "1"}});
  CHECK(table(report, "logs").rows.size() == 1);
  CHECK(table(report, "logs").notes == Lines{"3 later messages are left out: --limit 1"});
  CHECK(sum(table(report, "log_messages"), "count") == 4);
  RunOptions window;
  window.from = 105;
  window.to = 125;
  CHECK(sum(table(run_bytes(four_logs(), logs_pass, {}, window), "log_categories"), "count") == 2);
  CHECK(refusal(logs_pass, {{"--category", "("}}).find("--category") == 0);
}

TEST_CASE("logs: a message of a million characters is searched in no time", "[logs]") {
  V1Builder b(19);
  b.string(1, "main.f").stack(1, 1).string(2, "cache");
  b.batch(0, 1000).event("GoCreate", {7, 1, 0}).event("GoStartLocal", {7});
  b.log(0, 2, 1, std::string(1'000'000, 'a')).log(0, 2, 1, "b");
  const Bytes bytes = b.frequency(1'000'000'000).bytes();
  const auto found = [&](const char* message) {
    return table(run_bytes(bytes, logs_pass, {{"--message", message}}), "logs").rows.size();
  };
  CHECK(found(".*") == 2);
  CHECK(found("^a.*a$") == 1);
  CHECK(found("(a*)*z") == 0);
  CHECK(found("(a|aa)+b") == 0);
  CHECK(found("(.*)*b") == 1);
}

TEST_CASE("logs: as many as the reference delivers, on all captures", "[logs]") {
  for (const auto& path : captures()) {
    INFO(path);
    const nlohmann::json all = answers(path);
    if (all["summary"].contains("error")) continue;  // the reference cannot read it
    const Report report = run_file(path, logs_pass, {});
    const int64_t expected = all["summary"]["kinds"].value("Log", int64_t{0});
    CHECK(sum(table(report, "log_categories"), "count") == expected);
    CHECK(sum(table(report, "log_messages"), "count") == expected);
  }
}
