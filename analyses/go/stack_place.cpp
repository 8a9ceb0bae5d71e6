#include "analyses/go/stack_place.h"

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
  constexpr std::array<std::string_view, 8> kPackages = {"runtime", "sync", "syscall", "time",
                                                         "net",     "os",   "io",      "bufio"};
  constexpr std::array<std::string_view, 4> kTrees = {"internal/", "runtime/", "sync/",
                                                      "golang.org/x/sys/"};
  return std::ranges::find(kPackages, package) != kPackages.end() ||
         std::ranges::any_of(kTrees, [&](std::string_view t) { return package.starts_with(t); });
}

std::string_view caller_in(const Tables& tables, StackId stack) {
  std::string_view function;
  for (const FrameId id : tables.stack(stack)) {
    function = tables.string(tables.frame(id).function);
    const std::string_view package = package_of(function);
    // What cgo generates to call a C function lies in the package that calls it.
    const bool calls_c = function.substr(package.size()).starts_with("._Cfunc_");
    if (!calls_c && !is_plumbing(package)) break;
  }
  return function;
}

}  // namespace tracetool
