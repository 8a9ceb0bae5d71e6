// The classes into which the reasons for blocking fall.
#pragma once

#include <cstdint>
#include <string_view>

namespace tracetool {

enum class BlockClass : uint8_t { kNetwork, kSync, kSelect, kChan, kSleep, kGc, kOther };
inline constexpr int kBlockClasses = 7;

/// Of a reason as Go gives it. Reasons are an open set: unknown ones are kOther.
constexpr BlockClass block_class(std::string_view reason) {
  if (reason == "network") return BlockClass::kNetwork;
  if (reason == "sync" || reason == "sync.(*Cond).Wait") return BlockClass::kSync;
  if (reason == "select") return BlockClass::kSelect;
  if (reason == "chan send" || reason == "chan receive") return BlockClass::kChan;
  if (reason == "sleep") return BlockClass::kSleep;
  if (reason.find("GC") != std::string_view::npos) return BlockClass::kGc;
  return BlockClass::kOther;
}

constexpr const char* name_of(BlockClass c) {
  constexpr const char* kNames[] = {"network", "sync", "select", "chan", "sleep", "GC", "other"};
  return kNames[static_cast<int>(c)];
}

}  // namespace tracetool
