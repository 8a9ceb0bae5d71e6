// Times of day: of the capture's clock snapshots, in windows, and beside moments.
#include "parser/model/wall_clock.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "cli/io/wall_window.h"
#include "parser/input/byte_source.h"
#include "parser/trace_reader.h"
#include "reports/model/wall_time.h"
#include "tests/support/cli_run.h"
#include "tests/support/files.h"
#include "tests/support/program.h"
#include "tests/support/temporary.h"
#include "tests/support/trace_builder.h"

using namespace tracetool;
using namespace tracetool::test;
using Catch::Contains;
using nlohmann::json;

namespace {

constexpr int64_t kSecond = 1'000'000'000;
/// 2026-11-24T19:26:55Z
constexpr int64_t kThen = 1'795'548'415;

int64_t ns_of(const std::string& text) {
  const auto time = parse_time(text);
  REQUIRE(time);
  return time->ns;
}

/// A goroutine that runs for 10 s, a generation every 2 s; the wall clock stands at `sec` when the
/// first begins and is set `step` ns forward in the third.
std::string ten_seconds(const std::string& name, int64_t sec, int64_t step = 0) {
  TraceBuilder b(26);
  for (uint64_t n = 1; n <= 5; ++n) {
    const uint64_t time = (n - 1) * 2 * kSecond + 1000;
    auto& g = b.generation(n, time);
    const int64_t wall = sec * kSecond + static_cast<int64_t>(time - 1000) + (n >= 3 ? step : 0);
    g.clock(static_cast<uint64_t>(wall / kSecond), static_cast<uint64_t>(wall % kSecond));
    on_cpu(g, 7, 0, 1)
        .at(time + kSecond)
        .event("UserLog", {0, "", "half", frames({"main.f"})})
        .at(time + 2 * kSecond - 10)
        .event("UserLog", {0, "", "end", frames({"main.f"})});
  }
  return scratch("wall-" + name, b.bytes());
}

size_t events_in(const std::string& path, const std::vector<std::string>& window) {
  std::vector<std::string> args = {"events", path, "--kind", "Log", "--format", "jsonl"};
  args.insert(args.end(), window.begin(), window.end());
  const CliResult r = cli(args);
  INFO(r.err);
  CHECK(r.code == 0);
  return static_cast<size_t>(std::ranges::count(r.out, '\n'));
}

}  // namespace

TEST_CASE("times of day are read as RFC 3339 writes them", "[wall]") {
  const int64_t then = kThen * kSecond;
  CHECK(ns_of("2026-11-24T19:26:55Z") == then);
  CHECK(ns_of("2026-11-24t19:26:55z") == then);
  CHECK(ns_of("2026-11-24 19:26:55") == then);
  CHECK(ns_of("2026-11-24 19:26:55.000 UTC") == then);
  CHECK(ns_of("2026-11-24T20:26:55+01:00") == then);
  CHECK(ns_of("2026-11-24T13:56:55-0530") == then);
  CHECK(ns_of("2026-11-24T23:26:55+04") == then);
  CHECK(ns_of("2026-11-24T19:26:55.123456789Z") == then + 123'456'789);
  CHECK(ns_of("2026-11-24T19:26:55.1234567891Z") == then + 123'456'789);
  CHECK(ns_of("2026-11-24T19:26Z") == then - 55 * kSecond);
  CHECK(ns_of("1969-12-31T23:59:59.9Z") == -100'000'000);
  CHECK(ns_of("2024-02-29T00:00:00Z") == 1'709'164'800 * kSecond);
  const auto day = parse_time("19:26:55.5");
  REQUIRE(day);
  CHECK_FALSE(day->dated);
  CHECK(day->ns == ((19 * 60 + 26) * 60 + 55) * kSecond + 500'000'000);
  CHECK(parse_time("01:00+02:00")->ns == -3600 * kSecond);
  for (const char* bad :
       {"", "19", "2026-11-24", "2026-11-24T", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z",
        "2026-11-24T24:00:00Z", "2026-11-24T19:60:00Z", "2026-11-24T19:26:60Z",
        "2026-11-24T19:26:55.Z", "2026-11-24T19:26:55X", "2026-11-24T19:26:55+1", "1:2:3",
        "2026-11-24T19:26:55Zz", "9999-01-01T00:00:00Z", "0001-01-01T00:00:00Z"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_time(bad));
  }
  CHECK(looks_like_time("19:26"));
  CHECK(looks_like_time("2026-11-24"));
  CHECK_FALSE(looks_like_time("1m30s"));
}

TEST_CASE("times of day are written with all digits", "[wall]") {
  CHECK(iso_time(kThen * kSecond + 5) == "2026-11-24T19:26:55.000000005Z");
  CHECK(iso_time(-1) == "1969-12-31T23:59:59.999999999Z");
  CHECK(iso_time(0) == "1970-01-01T00:00:00.000000000Z");
  CHECK(iso_time(INT64_MAX) == "2262-04-11T23:47:16.854775807Z");
  CHECK(iso_time(INT64_MIN) == "1677-09-21T00:12:43.145224192Z");
  CHECK(readable_time(kThen * kSecond + 1999) == "2026-11-24 19:26:55.000001");
  IsoTime text;
  for (const int64_t ns : {int64_t{999'999'999}, kSecond, int64_t{1}, -kSecond, int64_t{7}})
    CHECK(text(ns) == iso_time(ns));
}

TEST_CASE("a moment goes by the snapshot of its generation", "[wall]") {
  WallClock clock;
  CHECK_FALSE(clock.at(0));
  clock.add(0, 5'000);
  clock.add(1'000, 7'000);  // set forward by 1000
  clock.add(2'000, 6'500);  // and back by 1500
  CHECK(clock.at(-10) == 4'990);
  CHECK(clock.at(999) == 5'999);
  CHECK(clock.at(1'000) == 7'000);
  CHECK(clock.at(1'999) == 7'999);
  CHECK(clock.at(2'000) == 6'500);
  CHECK(clock.at(5'000) == 9'500);
  CHECK(clock.first_at(5'500) == 500);
  CHECK(clock.first_at(6'600) == 1'000);  // never shown: the first later one
  CHECK(clock.first_at(7'200) == 1'200);  // shown twice
  CHECK(clock.last_at(7'200) == 2'700);
  CHECK(clock.last_at(6'300) == 999);
  CHECK(clock.first_at(9'000) == 4'500);
  CHECK(clock.first_at(4'000) == -1'000);
  CHECK(clock.last_at(4'000) == -1'000);
}

TEST_CASE("what a wall clock showed is not only what it shows at both ends", "[wall]") {
  using Shown = std::pair<std::optional<int64_t>, std::optional<int64_t>>;
  WallClock clock;
  CHECK(clock.shown_until(10) == Shown{});
  clock.add(0, 5'000);
  CHECK(clock.shown_until(700) == Shown{5'000, 5'700});
  clock.add(1'000, 2'000);  // back, and forth again
  clock.add(2'000, 6'500);
  CHECK(clock.shown_until(2'500) == Shown{2'000, 7'000});
  CHECK(clock.shown_until(900) == Shown{5'000, 5'900});
  CHECK(clock.shown_until(1'000) == Shown{2'000, 5'999});
  clock.add(3'000, INT64_MAX - 5);  // and to where it cannot go on
  CHECK_FALSE(clock.shown_until(3'010).second);
}

TEST_CASE("the file in which a window of times of day is found is the one that is read", "[wall]") {
  const std::string path = ten_seconds("before", kThen);
  const std::string later = ten_seconds("after", kThen + 3);
  Input input;
  REQUIRE(!open_input(path, {.own_thread = false}, input));
  std::filesystem::rename(later, path);
  Settings settings;
  settings.from_wall = parse_time("2026-11-24T19:26:57Z");
  CHECK(find_window(input.file, path, settings) == "");
  CHECK(settings.from == 2 * kSecond);
  CHECK(find_window(nullptr, "-", settings).find("need a file") != std::string::npos);
}

TEST_CASE("a wall clock that does not fit is none", "[wall]") {
  const auto at = [](uint64_t sec, uint64_t nsec, int64_t snapshot, int64_t time) {
    return wall_at({snapshot, 0, sec, nsec}, time);
  };
  CHECK(at(5, 7, 100, 200) == 5 * kSecond + 107);
  CHECK(at(5, 7, 100, 0) == 5 * kSecond - 93);
  CHECK_FALSE(at(UINT64_MAX, 0, 0, 0));
  CHECK_FALSE(at(INT64_MAX / kSecond, 999'999'999, 0, 0));
  CHECK_FALSE(at(INT64_MAX / kSecond + 1, 0, 0, 0));
  CHECK_FALSE(at(5, UINT64_MAX, 0, 0));
  CHECK_FALSE(at(5, 0, INT64_MIN, 1));
  CHECK_FALSE(at(9'223'372'036, 0, 0, INT64_MAX));
  WallClock clock;
  clock.add(INT64_MAX - 5, INT64_MIN + 5);
  CHECK_FALSE(clock.at(INT64_MIN));
  clock.first_at(INT64_MIN);
  clock.last_at(INT64_MAX);
}

TEST_CASE("a window of times of day is the window of the same moments", "[wall]") {
  const std::string path = ten_seconds("window", kThen);
  CHECK(events_in(path, {}) == 10);
  CHECK(events_in(path, {"--from", "2026-11-24T19:26:57Z"}) == 8);
  CHECK(events_in(path, {"--from", "2s"}) == 8);
  CHECK(events_in(path, {"--from", "19:26:57"}) == 8);
  CHECK(events_in(path, {"--from", "20:26:57+01:00"}) == 8);
  CHECK(events_in(path, {"--to", "2026-11-24 19:26:58.5 UTC"}) == 3);
  CHECK(events_in(path, {"--from", "19:26:57", "--to", "19:26:58.5"}) == 1);
  CHECK(events_in(path, {"--from", "2s", "--to", "2026-11-25T04:26:58.5+09:00"}) == 1);
  // What text shows is rounded.
  CHECK(events_in(path, {"--from", "19:26:54.5"}) == 10);
  CHECK(events_in(path, {"--to", "19:27:05.9"}) == 10);
  const auto exec = [&](const std::string& from, const std::string& to) {
    const CliResult r = cli({"goroutines", path, "--format", "json", "--from", from, "--to", to});
    REQUIRE(r.code == 0);
    return json::parse(r.out)["tables"]["goroutines"]["rows"][0]["execution_ns"].get<int64_t>();
  };
  CHECK(exec("19:26:56.5", "19:26:58.5") == 2 * kSecond);
  CHECK(exec("1500ms", "3500ms") == 2 * kSecond);
  CHECK(cli({"check", path, "--from", "19:26:56", "--require", "goroutines.count >= 0"}).code == 0);
}

TEST_CASE("a clock that is set within the capture moves the window with it", "[wall]") {
  const std::string path = ten_seconds("step", kThen, 3600 * kSecond);
  CHECK(events_in(path, {"--from", "20:26:59"}) == 6);
  CHECK(events_in(path, {"--to", "19:27:00"}) == 4);
  const CliResult r = cli({"events", path, "--kind", "Log", "--wall", "--format", "csv"});
  CHECK_THAT(r.out, Contains("3000000000,2026-11-24T19:26:58.000000000Z,Log"));
  CHECK_THAT(r.out, Contains("5000000000,2026-11-24T20:27:00.000000000Z,Log"));
}

TEST_CASE("a time of day without a date is the capture's, also behind midnight", "[wall]") {
  const std::string path = ten_seconds("midnight", 1'795'564'795);  // 23:59:55
  CHECK(events_in(path, {"--from", "00:00:01"}) == 4);
  CHECK(events_in(path, {"--to", "00:00:00.5"}) == 5);
  CHECK(events_in(path, {"--from", "23:59:58", "--to", "00:00:00.5"}) == 3);
  const CliResult text = cli({"logs", path, "--wall", "--table", "logs"});
  CHECK_THAT(text.out, Contains("2026-11-24 23:59:56.000000"));
  CHECK_THAT(text.out, Contains("2026-11-25 00:00:02.000000"));
}

TEST_CASE("times that the capture does not have are refused", "[wall]") {
  const std::string path = ten_seconds("refused", kThen);
  const auto refused = [](const std::vector<std::string>& args) {
    const CliResult r = cli(args);
    CAPTURE(args);
    CHECK(r.code == 2);
    CHECK(r.out.empty());
    CHECK(std::ranges::count(r.err, '\n') == 1);
    return r.err;
  };
  const std::string span =
      "the capture goes from 2026-11-24T19:26:55.000000000Z to 2026-11-24T19:27:0";
  CHECK_THAT(refused({"events", path, "--from", "2025-11-24T19:26:55Z"}), Contains(span));
  CHECK_THAT(refused({"goroutines", path, "--to", "2026-11-24T19:27:55Z"}), Contains(span));
  CHECK_THAT(refused({"intervals", path, "--from", "12:00"}),
             Contains("12:00 is no time of day in the capture") && Contains(span));
  CHECK_THAT(refused({"check", path, "--from", "12:00", "--require", "sched.p99 < 1s"}),
             Contains(span));
  CHECK_THAT(refused({"events", path, "--from", "19:27:00", "--to", "19:26:56"}),
             Contains("19:26:56 is no time of day"));
  CHECK_THAT(refused({"events", path, "--from", "25:00"}), Contains("is no time; write 2026-"));
  CHECK_THAT(refused({"diff", path, path, "--from", "19:26:56"}), Contains("in common"));
  CHECK_THAT(Program({"events", "-", "--from", "19:26:56"}, {}, path).wait().err,
             Contains("need a file"));
  CHECK_THAT(refused({"check", path, "--wall", "--require", "sched.p99 < 1s"}),
             Contains("unknown option --wall"));
  CHECK_THAT(refused({"analyze", path, path, "--wall"}), Contains("--wall"));
  for (const char* old : {"go1.19/http", "go1.24/http"}) {
    for (const char* command : {"events", "intervals", "sched", "info", "findings"}) {
      CHECK_THAT(refused({command, capture(old), "--wall"}),
                 Contains("has no times of day") && Contains("since 1.25"));
      if (command == std::string("info")) continue;
      CHECK_THAT(refused({command, capture(old), "--from", "19:26:55"}), Contains("since 1.25"));
    }
  }
}

TEST_CASE("Option --wall puts a time of day beside every moment of every table", "[wall]") {
  const std::string path = capture("go1.27/gcassist");
  Input input;
  REQUIRE_FALSE(open_input(path, {}, input));
  TraceReader reader(std::move(input), {});
  REQUIRE_FALSE(reader.open());
  struct Sink final : BlockSink {
    Block block;
    Block* exchange(Block*) override { return &block; }
  };
  const auto sink = std::make_unique<Sink>();
  reader.read(*sink);
  const WallClock clock(reader.facts());
  for (const char* command : {"analyze", "info"}) {
    const json document = json::parse(cli({command, path, "--wall", "--format", "json"}).out);
    size_t moments = 0;
    for (const auto& [id, table] : document["tables"].items()) {
      INFO(id);
      const bool curve = table["layout"] == "plot" || table["layout"] == "log_plot";
      const auto& columns = table["columns"];
      for (size_t c = 0; c < columns.size(); ++c) {
        if (columns[c]["unit"] != "time_ns") continue;
        const std::string moment = columns[c]["id"];
        const std::string wall = moment.substr(0, moment.size() - 3) + "_wall";
        INFO(wall);
        if (!curve) CHECK(columns.at(c + 1)["id"] == wall);
        for (const json& row : table["rows"]) {
          if (row[moment].is_null()) {
            CHECK(row[wall].is_null());
          } else {
            CHECK(row[wall] == iso_time(*clock.at(row[moment].get<int64_t>())));
            ++moments;
          }
        }
      }
    }
    CHECK(moments > (command == std::string("info") ? 0 : 100));
  }
}

TEST_CASE("Option --wall names the day once where text has one", "[wall]") {
  const std::string path = ten_seconds("day", kThen);
  const CliResult r = cli({"logs", path, "--wall", "--table", "logs", "--width", "0"});
  CHECK_THAT(r.out, Contains("19:26:56.000000") && Contains("wall clock: of 2026-11-24, UTC"));
  const CliResult events = cli({"events", path, "--wall", "--kind", "Log"});
  CHECK_THAT(events.out, Contains("1.000000000s   2026-11-24T19:26:56.000000000Z"));
}

TEST_CASE("events and intervals have the time of day of every event, with any threads", "[wall]") {
  const std::string path = ten_seconds("events", kThen, kSecond);
  const std::string one = cli({"events", path, "--wall", "--format", "jsonl", "-j", "1"}).out;
  CHECK((cli({"events", path, "--wall", "--format", "jsonl", "-j", "2"}).out == one));
  std::istringstream in(one);
  size_t events = 0;
  for (std::string line; std::getline(in, line); ++events) {
    const json event = json::parse(line);
    const int64_t time = event["time"];
    const int64_t step = time >= 4 * kSecond ? kSecond : 0;
    CHECK(event["time_wall"] == iso_time(kThen * kSecond + time + step));
  }
  CHECK(events == 26);
  const CliResult intervals = cli({"intervals", path, "--wall", "--format", "jsonl"});
  const json interval = json::parse(intervals.out.substr(0, intervals.out.find('\n')));
  CHECK(interval["begin_wall"] == "2026-11-24T19:26:55.000000000Z");
  CHECK(interval["end_ns"].get<int64_t>() > 9 * kSecond);
  CHECK(interval["end_wall"] ==
        iso_time((kThen + 1) * kSecond + interval["end_ns"].get<int64_t>()));
}

TEST_CASE("intervals have the same times of day in every window", "[wall]") {
  // The clock is set a second forward at 4 s.
  const std::string path = ten_seconds("windows", kThen, kSecond);
  size_t seen = 0;
  for (const auto& [from, to] : {std::pair{"1s", "9s"}, std::pair{"3500ms", "8s"},
                                 std::pair{"5s", "6500ms"}, std::pair{"0s", "2s"}}) {
    CAPTURE(from, to);
    for (const char* sorted : {"", "goroutine"}) {
      std::vector<std::string> args = {"intervals", path, "--wall", "--format", "jsonl",
                                       "--from",    from, "--to",   to};
      if (*sorted != '\0') args.insert(args.end(), {"--sort", sorted});
      std::istringstream in(cli(args).out);
      for (std::string line; std::getline(in, line); ++seen) {
        const json interval = json::parse(line);
        for (const std::string end : {"begin", "end"}) {
          const int64_t time = interval[end + "_ns"];
          const int64_t step = time >= 4 * kSecond ? kSecond : 0;
          CHECK(interval[end + "_wall"] == iso_time(kThen * kSecond + time + step));
        }
      }
    }
  }
  CHECK(seen == 8);
}

TEST_CASE("the read that finds a window of times of day keeps to the user's memory", "[wall]") {
  // Ten generations, each with 2000 goroutines more that stay.
  TraceBuilder b(26);
  uint64_t id = 10;
  for (uint64_t n = 1; n <= 10; ++n) {
    const uint64_t time = (n - 1) * kSecond + 1000;
    auto& g = b.generation(n, time);
    g.clock(static_cast<uint64_t>(kThen) + n - 1, 0);
    auto& m = on_cpu(g, 7, 0, 1);
    for (int k = 0; k < 2000; ++k)
      m.at(time + 10 + static_cast<uint64_t>(k))
          .event("GoCreate", {id++, frames({"main.work"}), frames({"main.f"})});
    m.at(time + kSecond - 10).event("UserLog", {0, "", "end", frames({"main.f"})});
  }
  const std::string path = scratch("memory", b.bytes());
  const std::vector<std::string> late = {"events", path, "--from", "19:27:03", "--kind", "Log"};
  CHECK(cli(late).code == 0);
  std::vector<std::string> little = late;
  little.insert(little.end(), {"--max-memory", "512KiB"});
  const CliResult r = cli(little);
  CHECK(r.code == 2);
  CHECK_THAT(r.err, Contains("19:27:03 is no time of day in the capture"));
}
