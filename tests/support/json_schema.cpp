#include "tests/support/json_schema.h"

#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

namespace tracetool::test {

using Adapter = valijson::adapters::NlohmannJsonAdapter;

struct JsonSchema::Impl {
  valijson::Schema schema;
};

JsonSchema::JsonSchema(const nlohmann::json& schema) : impl_(std::make_unique<Impl>()) {
  valijson::SchemaParser(valijson::SchemaParser::kDraft7)
      .populateSchema(Adapter(schema), impl_->schema);
}

JsonSchema::~JsonSchema() = default;

std::string JsonSchema::error(const nlohmann::json& value) const {
  valijson::Validator validator(valijson::Validator::kStrongTypes);
  valijson::ValidationResults results;
  if (validator.validate(impl_->schema, Adapter(value), &results)) return {};
  valijson::ValidationResults::Error error;
  std::string out = "does not fit";
  while (results.popError(error)) {
    out += "; ";
    for (const std::string& step : error.context) out += step;
    out += ": " + error.description;
  }
  return out;
}

}  // namespace tracetool::test
