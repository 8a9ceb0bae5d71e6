#include "analyses/stack_place.h"

#include <algorithm>
#include <array>

namespace tracetool {

std::string_view package_of(std::string_view function) {
  // Type arguments have packages of their own.
  const std::string_view name = function.substr(0, function.find('['));
  const size_t slash = name.rfind('/');
  const size_t dot = name.find('.', slash == std::string_view::npos ? 0 : slash);
  return name.substr(0, dot);
}

bool is_plumbing(std::string_view package) {
  constexpr std::array<std::string_view, 6> kPackages = {"runtime", "sync", "syscall",
                                                         "time",    "net",  "os"};
  constexpr std::array<std::string_view, 4> kTrees = {"internal/", "runtime/", "sync/",
                                                      "golang.org/x/sys/"};
  return std::ranges::find(kPackages, package) != kPackages.end() ||
         std::ranges::any_of(kTrees, [&](std::string_view t) { return package.starts_with(t); });
}

std::string_view caller_in(const Tables& tables, StackId stack) {
  std::string_view function;
  for (const FrameId id : tables.stack(stack)) {
    function = tables.string(tables.frame(id).function);
    if (!is_plumbing(package_of(function))) break;
  }
  return function;
}

}  // namespace tracetool
