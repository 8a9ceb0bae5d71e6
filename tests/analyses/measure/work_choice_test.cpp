// Which tasks or regions the user asks for.
#include "analyses/measure/work_choice.h"

#include <catch2/catch.hpp>
#include <map>

namespace tracetool {
namespace {

/// Fails the test if they make no sense.
WorkChoice chosen(const std::map<std::string, std::string>& given) {
  PassOptions options;
  for (const auto& [name, value] : given) options.set(name, value);
  WorkChoice choice;
  std::string error;
  CHECK(choice.read(options, error));
  CHECK(error.empty());
  return choice;
}

std::string refused(const std::map<std::string, std::string>& given) {
  PassOptions options;
  for (const auto& [name, value] : given) options.set(name, value);
  WorkChoice choice;
  std::string error;
  CHECK_FALSE(choice.read(options, error));
  return error;
}

}  // namespace

TEST_CASE("work choice: without options everything") {
  const WorkChoice all = chosen({});
  CHECK_FALSE(all.type().has_value());
  CHECK(all.takes(true));
  CHECK(all.takes(false));
  CHECK_FALSE(all.bounds_duration());
  CHECK(all.takes_duration(0));
  CHECK(all.takes_duration(INT64_MAX));
  CHECK_FALSE(all.needs_log());
}

TEST_CASE("work choice: durations from --min to --max, both included") {
  const WorkChoice least = chosen({{"--min", "2us"}});
  CHECK(least.bounds_duration());
  CHECK_FALSE(least.takes_duration(1999));
  CHECK(least.takes_duration(2000));
  CHECK(least.takes_duration(INT64_MAX));
  const WorkChoice most = chosen({{"--max", "3us"}});
  CHECK(most.bounds_duration());
  CHECK(most.takes_duration(0));
  CHECK(most.takes_duration(3000));
  CHECK_FALSE(most.takes_duration(3001));
}

TEST_CASE("work choice: complete ones, or the others") {
  const WorkChoice complete = chosen({{"--complete", "1"}});
  CHECK(complete.takes(true));
  CHECK_FALSE(complete.takes(false));
  const WorkChoice incomplete = chosen({{"--incomplete", "1"}});
  CHECK_FALSE(incomplete.takes(true));
  CHECK(incomplete.takes(false));
  CHECK(refused({{"--complete", "1"}, {"--incomplete", "1"}}) ==
        "--complete and --incomplete exclude each other");
}

TEST_CASE("work choice: a log is wanted for its message or its category") {
  const WorkChoice choice = chosen({{"--log", "slow"}});
  CHECK(choice.needs_log());
  CHECK(choice.is_wanted_log("", "a slow one"));
  CHECK(choice.is_wanted_log("slow", ""));
  CHECK_FALSE(choice.is_wanted_log("slo", "w"));
}

TEST_CASE("work choice: values that make no sense are told with their option") {
  CHECK(refused({{"--min", "soon"}}).find("--min") == 0);
  CHECK(refused({{"--max", "2 parsecs"}}).find("--max") == 0);
  CHECK(refused({{"--type", "("}}).find("--type") == 0);
}

TEST_CASE("work choice: a pass adds its options behind those that tasks and regions share") {
  const auto options = WorkChoice::options("tasks", {{"--tree", "", "with children", ""}});
  std::string names;
  for (const PassOption& option : options) names += option.name + ' ';
  CHECK(names == "--type --min --max --complete --incomplete --log --tree ");
  CHECK(options[0].help == "only tasks whose type matches");
}

}  // namespace tracetool
