#include "parser/model/hash.h"

#include <chrono>
#include <exception>
#include <random>

namespace tracetool {
namespace {

HashKey draw() {
  try {
    std::random_device device;
    const auto word = [&device] { return uint64_t{device()} << 32 | device(); };
    return {word(), word() | 1};
  } catch (const std::exception&) {
    // No randomness is to be had: the time is something that an input does not know either.
    const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
    return {static_cast<uint64_t>(now), static_cast<uint64_t>(now) * 0x9E3779B97F4A7C15ull | 1};
  }
}

}  // namespace

const HashKey kHashKey = draw();

}  // namespace tracetool
