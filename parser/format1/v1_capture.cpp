#include "parser/format1/v1_capture.h"

namespace tracetool::v1 {

bool IdTable::add(uint64_t id, uint32_t value) {
  if (find(id) != nullptr) return false;
  ++count_;
  if (id >= dense_.size()) {
    if (id > 4 * count_ + 1024) return sparse_.emplace(id, value).second;
    dense_.resize(id + 1, kNone);
  }
  dense_[id] = value;
  return true;
}

const uint32_t* IdTable::find_sparse(uint64_t id) const {
  if (sparse_.empty()) return nullptr;
  const auto it = sparse_.find(id);
  return it == sparse_.end() ? nullptr : &it->second;
}

uint64_t Capture::drop_stray_samples() {
  if (events == 0) return 0;
  const double ns_per_tick = 1e9 / static_cast<double>(*frequency);
  return std::erase_if(samples, [&](const Displaced& s) {
    const uint64_t away = s.ticks < first_ticks  ? first_ticks - s.ticks
                          : s.ticks > last_ticks ? s.ticks - last_ticks
                                                 : 0;
    return static_cast<double>(away) * ns_per_tick > static_cast<double>(kMostStray);
  });
}

uint64_t Capture::offset_of(const uint8_t* record) const {
  for (const Segment& s : segments)
    if (record >= s.begin && record < s.end)
      return s.offset + static_cast<uint64_t>(record - s.begin);
  return 0;
}

}  // namespace tracetool::v1
