#include "analyses/engine/pass.h"

namespace tracetool {

#define TRACETOOL_PASS(name) extern const PassInfo name##_pass;
#include "pass_list.inc"
#undef TRACETOOL_PASS

const std::vector<const PassInfo*>& all_passes() {
  static const std::vector<const PassInfo*> kPasses = {
#define TRACETOOL_PASS(name) &name##_pass,
#include "pass_list.inc"
#undef TRACETOOL_PASS
  };
  return kPasses;
}

PassOptions default_options(const PassInfo& pass) {
  PassOptions options;
  for (const PassOption& option : pass.options) options.set(option.name, option.default_value);
  return options;
}

}  // namespace tracetool
