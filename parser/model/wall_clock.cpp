#include "parser/model/wall_clock.h"

#include <algorithm>

#include "parser/model/facts.h"

namespace tracetool {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

/// `a` + `b`, or the end of the scale.
int64_t sum(int64_t a, int64_t b) {
  int64_t out = 0;
  if (__builtin_add_overflow(a, b, &out)) return b < 0 ? INT64_MIN : INT64_MAX;
  return out;
}
int64_t difference(int64_t a, int64_t b) {
  int64_t out = 0;
  if (__builtin_sub_overflow(a, b, &out)) return b > 0 ? INT64_MIN : INT64_MAX;
  return out;
}

}  // namespace

std::optional<int64_t> wall_at(const ClockSnapshot& snapshot, int64_t time) {
  int64_t ns = 0, since = 0;
  if (snapshot.wall_sec > INT64_MAX / kSecond || snapshot.wall_nsec >= kSecond ||
      __builtin_sub_overflow(time, snapshot.time, &since) ||
      __builtin_add_overflow(static_cast<int64_t>(snapshot.wall_sec) * kSecond,
                             static_cast<int64_t>(snapshot.wall_nsec), &ns) ||
      __builtin_add_overflow(ns, since, &ns))
    return std::nullopt;
  return ns;
}

WallClock::WallClock(const CaptureFacts& facts) {
  for (const GenerationFacts& g : facts.generations) {
    const auto wall = g.clock ? wall_at(*g.clock, g.begin) : std::nullopt;
    if (wall) add(g.begin, *wall);
  }
}

void WallClock::add(int64_t time, int64_t unix_ns) { parts_.push_back({time, unix_ns}); }

void WallClock::block(const Block& block) {
  if (!block.has(EventKind::kSync)) return;
  for (const uint16_t at : block.rare_positions()) {
    const Event& e = block.events[at];
    if (e.kind == EventKind::kSync && e.has_wall_clock()) add(e.time, e.wall_clock());
  }
}

std::optional<int64_t> WallClock::at(int64_t time) const {
  if (parts_.empty()) return std::nullopt;
  const Part* part = &parts_.back();
  if (time < part->begin) [[unlikely]] {
    const auto later = std::ranges::upper_bound(parts_, time, {}, &Part::begin);
    part = later == parts_.begin() ? &parts_.front() : &*(later - 1);
  }
  int64_t since = 0, wall = 0;
  if (__builtin_sub_overflow(time, part->begin, &since) ||
      __builtin_add_overflow(part->unix_ns, since, &wall))
    return std::nullopt;
  return wall;
}

std::pair<std::optional<int64_t>, std::optional<int64_t>> WallClock::shown_until(
    int64_t end) const {
  auto earliest = at(0), latest = at(0);
  const auto see = [&](int64_t time) {
    const auto wall = at(time);
    // What is absent is less than any.
    earliest = std::min(earliest, wall);
    latest = wall ? std::max(latest, wall) : std::nullopt;
  };
  for (const Part& part : parts_) {
    if (part.begin <= 0 || part.begin > end) continue;
    see(part.begin - 1);
    see(part.begin);
  }
  see(end);
  return {earliest, latest};
}

int64_t WallClock::first_at(int64_t unix_ns) const {
  for (size_t i = 0; i < parts_.size(); ++i) {
    const int64_t then = sum(parts_[i].begin, difference(unix_ns, parts_[i].unix_ns));
    const int64_t time = i == 0 ? then : std::max(then, parts_[i].begin);
    if (i + 1 == parts_.size() || time < parts_[i + 1].begin) return time;
  }
  return 0;
}

int64_t WallClock::last_at(int64_t unix_ns) const {
  for (size_t i = parts_.size(); i-- > 0;) {
    const int64_t then = sum(parts_[i].begin, difference(unix_ns, parts_[i].unix_ns));
    const int64_t end = i + 1 == parts_.size() ? INT64_MAX : parts_[i + 1].begin - 1;
    if (i == 0 || then >= parts_[i].begin) return std::min(then, end);
  }
  return 0;
}

}  // namespace tracetool
