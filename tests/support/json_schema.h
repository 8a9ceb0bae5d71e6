// JSON held against a JSON Schema.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

namespace tracetool::test {

class JsonSchema {
 public:
  explicit JsonSchema(const nlohmann::json& schema);
  ~JsonSchema();
  /// The first thing that does not fit; "" if all does.
  std::string error(const nlohmann::json& value) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tracetool::test
