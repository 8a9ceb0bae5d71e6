// As much of JSON Schema as docs/schemas uses; a keyword that is not known here is an error.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace tracetool::test {

/// Why `value` does not follow `schema`, with where; "" if it does.
std::string violation(const nlohmann::json& value, const nlohmann::json& schema,
                      const nlohmann::json& root, const std::string& where = "");

}  // namespace tracetool::test
