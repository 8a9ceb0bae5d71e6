#include "cli/io/rules_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "reports/words/suggest.h"
#include "reports/words/utf8.h"

namespace tracetool {
namespace {

using Json = nlohmann::json;

/// A member that has to be of a type, if it is there.
template <class Value>
std::string take(const Json& object, const char* name, Value& into) {
  const auto it = object.find(name);
  if (it == object.end()) return {};
  try {
    into = it->get<Value>();
    return {};
  } catch (const Json::exception&) {
    return std::string("\"") + name + "\" is of a wrong type";
  }
}

std::string read_rule(const Json& json, Rule& rule) {
  if (json.is_string()) return parse_rule(json.get<std::string>(), rule);
  if (!json.is_object()) return "a rule is a text, or an object with \"require\"";
  static const std::vector<std::string> kKnown = {"require", "optional", "name", "why"};
  for (const auto& [name, value] : json.items()) {
    if (!std::ranges::count(kKnown, name))
      return "unknown member \"" + clean(name) + '"' + did_you_mean(name, kKnown);
  }
  std::string require;
  if (auto error = take(json, "require", require); !error.empty()) return error;
  if (require.empty()) return "\"require\" is missing";
  if (auto error = parse_rule(require, rule); !error.empty()) return error;
  bool optional = rule.optional;
  for (const std::string& error : {take(json, "optional", optional), take(json, "name", rule.name),
                                   take(json, "why", rule.why)}) {
    if (!error.empty()) return error;
  }
  rule.optional = optional;
  return {};
}

}  // namespace

std::string read_rules(const std::string& path, std::vector<Rule>& rules) {
  const std::string where = clean(path) + ": ";
  std::ifstream in(path, std::ios::binary);
  if (!in) return where + std::strerror(errno);
  const Json json = Json::parse(in, nullptr, false);
  if (json.is_discarded()) return where + "no valid JSON";
  if (!json.is_object() || !json.contains("rules") || !json["rules"].is_array())
    return where + "an object with a list \"rules\" is expected";
  for (const auto& [name, value] : json.items()) {
    if (name != "rules" && name != "$schema")
      return where + "unknown member \"" + clean(name) + '"';
  }
  size_t number = 0;
  for (const Json& entry : json["rules"]) {
    Rule rule;
    ++number;
    if (const std::string error = read_rule(entry, rule); !error.empty())
      return std::string(where).append("rule ").append(std::to_string(number)).append(": ") + error;
    rules.push_back(std::move(rule));
  }
  return number == 0 ? where + "no rules in it" : "";
}

}  // namespace tracetool
