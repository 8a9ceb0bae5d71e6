#include "tests/support/json_schema.h"

#include <algorithm>
#include <regex>

namespace tracetool::test {
namespace {

using nlohmann::json;

bool has_type(const json& value, const std::string& type) {
  return type == "object"    ? value.is_object()
         : type == "array"   ? value.is_array()
         : type == "string"  ? value.is_string()
         : type == "integer" ? value.is_number_integer()
         : type == "number"  ? value.is_number()
         : type == "boolean" ? value.is_boolean()
                             : type == "null" && value.is_null();
}

bool has_one_type(const json& value, const json& types) {
  if (types.is_string()) return has_type(value, types);
  return std::ranges::any_of(types, [&](const json& type) { return has_type(value, type); });
}

std::string object_violation(const json& value, const json& schema, const json& root,
                             const std::string& where) {
  for (const auto& name : schema.value("required", json::array())) {
    if (!value.contains(name)) return where + ": " + name.get<std::string>() + " is missing";
  }
  const json properties = schema.value("properties", json::object());
  const json others = schema.value("additionalProperties", json(true));
  for (const auto& [name, member] : value.items()) {
    std::string why;
    if (properties.contains(name)) {
      why = violation(member, properties[name], root, where + "/" + name);
    } else if (others.is_object()) {
      why = violation(member, others, root, where + "/" + name);
    } else if (others == json(false)) {
      why = where + ": " + name + " is not in the schema";
    }
    if (!why.empty()) return why;
  }
  return "";
}

/// What one keyword forbids.
std::string keyword_violation(const std::string& keyword, const json& value, const json& schema,
                              const json& root, const std::string& where) {
  const json& rule = schema[keyword];
  const std::string not_so = where + ": " + value.dump().substr(0, 80) + " against " + keyword;
  if (keyword == "type") return has_one_type(value, rule) ? "" : not_so;
  if (keyword == "const") return value == rule ? "" : not_so;
  if (keyword == "enum") return std::ranges::find(rule, value) != rule.end() ? "" : not_so;
  if (keyword == "minimum") return !value.is_number() || value >= rule ? "" : not_so;
  if (keyword == "pattern") {
    const bool fits = !value.is_string() || std::regex_search(value.get<std::string>(),
                                                              std::regex(rule.get<std::string>()));
    return fits ? "" : not_so;
  }
  if (keyword == "$ref") {
    const std::string target = rule;
    return violation(value, root.at(json::json_pointer(target.substr(1))), root, where);
  }
  if (keyword == "items") {
    for (size_t i = 0; value.is_array() && i < value.size(); ++i) {
      const std::string why = violation(value[i], rule, root, where + "/" + std::to_string(i));
      if (!why.empty()) return why;
    }
    return "";
  }
  if (keyword == "anyOf") {
    std::string why;
    for (const json& option : rule) {
      why = violation(value, option, root, where);
      if (why.empty()) return "";
    }
    return why;
  }
  const bool of_objects =
      keyword == "required" || keyword == "properties" || keyword == "additionalProperties";
  const bool comment =
      keyword == "$schema" || keyword == "$defs" || keyword == "title" || keyword == "description";
  return of_objects || comment ? "" : "unknown keyword " + keyword;
}

}  // namespace

std::string violation(const json& value, const json& schema, const json& root,
                      const std::string& where) {
  for (const auto& [keyword, rule] : schema.items()) {
    std::string why = keyword_violation(keyword, value, schema, root, where);
    if (!why.empty()) return why;
  }
  return value.is_object() ? object_violation(value, schema, root, where) : "";
}

}  // namespace tracetool::test
