// Every command's JSON against docs/schemas.
#include "tests/support/json_schema.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <set>

#include "cli/commands/commands.h"
#include "tests/support/cli_run.h"

using namespace tracetool;
using namespace tracetool::test;
using nlohmann::json;

namespace {

json schema(const std::string& name) {
  std::ifstream in(std::string(TRACETOOL_TESTS_DIR) + "/../docs/schemas/" + name + ".schema.json");
  return json::parse(in);
}

json output_of(const std::vector<std::string>& args) {
  const CliResult r = cli(args);
  CHECK(r.code <= 1);
  return json::parse(r.out);
}

/// What a schema cannot say: each row has exactly the table's columns, each once.
void check_rows(const json& table) {
  std::set<std::string> ids;
  for (const json& column : table["columns"]) CHECK(ids.insert(column["id"]).second);
  for (const json& row : table["rows"]) {
    std::set<std::string> keys;
    for (const auto& [key, value] : row.items()) keys.insert(key);
    CHECK(keys == ids);
  }
  const std::string sort_by = table["sort_by"];
  CHECK((sort_by.empty() || ids.contains(sort_by)));
  if (table["layout"] == "record") CHECK(table["rows"].size() <= 1);
}

std::vector<std::string> arguments(const Command& command, const std::string& path) {
  std::vector<std::string> args = {command.name, path, "--format", "json"};
  if (command.name == "check") args.insert(args.end(), {"--require", "sched.p99 < 1ns"});
  if (command.name == "diff") args.insert(args.begin() + 2, capture("go1.27/locks"));
  return args;
}

}  // namespace

TEST_CASE("the JSON of every command follows its schema") {
  const JsonSchema report(schema("report")), events(schema("events")),
      intervals(schema("intervals"));
  size_t tables = 0, rows = 0;
  for (const Command& command : all_commands()) {
    for (const char* name :
         {"go1.27/http", "go1.27/gcassist", "go1.27/objects_generations", "go1.19/locks"}) {
      CAPTURE(command.name, name);
      const json document = output_of(arguments(command, capture(name)));
      const bool lists = command.name == "events" || command.name == "intervals";
      const JsonSchema& s = !lists ? report : command.name == "events" ? events : intervals;
      CHECK(s.error(document) == "");
      CHECK(document["command"] == command.name);
      if (lists) continue;
      for (const json& table : document["tables"]) {
        check_rows(table);
        ++tables;
        rows += table["rows"].size();
      }
    }
  }
  CHECK(tables > 200);
  CHECK(rows > 5000);
}

TEST_CASE("the events schema knows every kind of event") {
  const json events = schema("events");
  std::set<std::string> kinds;
  for (const char* name : {"go1.11/nestedtasks", "go1.23/allocfree", "go1.27/cpuprofile",
                           "go1.27/nestedtasks", "go1.27/gcassist"}) {
    for (const bool stacks : {false, true}) {
      std::vector<std::string> args = {"events", capture(name), "--format", "json"};
      if (stacks) args.emplace_back("--stacks");
      const json document = output_of(args);
      CAPTURE(name, stacks);
      CHECK(JsonSchema(events).error(document) == "");
      for (const json& event : document["events"]) kinds.insert(event["kind"]);
    }
  }
  CHECK(kinds.size() == 13);
}

TEST_CASE("events and intervals with stacks and times of day follow their schemas") {
  for (const char* command : {"events", "intervals"}) {
    const JsonSchema s(schema(command));
    for (const char* name : {"go1.25/http", "go1.27/gcassist", "go1.27/nestedtasks"}) {
      CAPTURE(command, name);
      const json document =
          output_of({command, capture(name), "--format", "json", "--stacks", "--wall"});
      CHECK(s.error(document) == "");
      CHECK(document[command].size() > 100);
    }
  }
}

TEST_CASE("a schema that is broken is seen") {
  const JsonSchema s(schema("report"));
  json document = output_of({"info", capture("go1.27/idle"), "--format", "json"});
  REQUIRE(s.error(document) == "");
  json other = document;
  other["schema_version"] = 2;
  CHECK(s.error(other) != "");
  other = document;
  other["tables"]["info"]["columns"][0]["unit"] = "furlongs";
  CHECK(s.error(other) != "");
  other = document;
  other["tables"]["info"].erase("rows");
  CHECK(s.error(other) != "");
  other = document;
  other["surprise"] = 1;
  CHECK(s.error(other) != "");
  other = document;
  other["tables"]["info"]["rows"][0]["file"] = json::array({1});
  CHECK(s.error(other) != "");
}
